"""How a server takes up a message of the assistant where it was left."""

from __future__ import annotations

from dataclasses import dataclass, fields
from os.path import commonprefix

_FLAGS = {"add_generation_prompt": False, "continue_final_message": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    r"""How a server was seen to continue a chat whose last message is the beginning of the assistant's.

    Attributes
    ----------
    flags : bool
        It does so only if the body says so, as vLLM: with ``continue_final_message`` and without
        ``add_generation_prompt``.
    repeats : bool
        Its answer is the whole message, beginning with what it was given, as llama.cpp's.

    Examples
    --------
    >>> llama = Prefill(repeats=True)
    >>> llama.continuation("2+3=5\n5+4=9", begun="2+3=5\n")
    '5+4=9'
    >>> Prefill(flags=True).extra
    {'add_generation_prompt': False, 'continue_final_message': True}
    """

    flags: bool = False
    repeats: bool = False

    @property
    def extra(self) -> dict[str, object]:
        """The fields that the body needs, for ``Parameters(extra=)``."""
        return dict(_FLAGS) if self.flags else {}

    def continuation(self, text: str, *, begun: str) -> str:
        """Return what a server wrote behind the beginning that it was given.

        Of one that repeats the beginning without the space at its end, as templates of chats may take that away, the
        space that it then writes itself is not counted twice.
        """
        if not self.repeats or not text.startswith(kept := begun.rstrip()):
            return text
        new, space = text[len(kept) :], begun[len(kept) :]
        return new[len(commonprefix((new, space))) :]  # noqa: RUF071 - of texts, not paths

    def to_dict(self) -> dict[str, object]:
        """Return the findings by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def parts(text: str) -> tuple[str, str] | None:
    r"""Return a text as two, the second beginning with space if possible; None if it has no two.

    A token is rarely cut there, and templates that take space from the end of a message find none.

    Examples
    --------
    >>> parts("Once upon a time there was a lighthouse")
    ('Once upon a time there', ' was a lighthouse')
    """
    half = -(-len(text) // 2)
    place = next(
        (
            place
            for place in range(max(1, half), len(text) * 3 // 4 + 1)
            if text[place].isspace() and not text[place - 1].isspace()
        ),
        half,
    )
    begun, rest = text[:place], text[place:]
    return (begun, rest) if begun.strip() and rest.strip() else None


def continued(answer: str, begun: str, rest: str) -> bool | None:
    """Return whether an answer takes up what was begun; None if it could as well begin anew.

    Parameters
    ----------
    answer : str
        What the server wrote; asked for so few tokens that it does not come to the end of what was begun if it
        begins anew.
    begun, rest : str
        The two parts of the text that it writes by itself.
    """
    if not _agree(answer.removeprefix(begun), rest):
        return False
    whole = begun + rest
    # The whole text again is from a server that does not count tokens.
    ignores = answer.startswith(whole)
    repeats = answer.startswith(begun) and not ignores
    return True if repeats or not _agree(answer, whole) else None


def _agree(one: str, other: str) -> bool:
    """Tell whether one text is the beginning of the other; space before them may have been lost."""
    one, other = one.lstrip(), other.lstrip()
    return bool(one and other) and (one.startswith(other) or other.startswith(one))
