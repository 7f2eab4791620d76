"""A prompt with named fields, safe to fill with any text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcurve._validation import instance
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    r"""A text with fields in double braces, ``{{question}}``, to be replaced by values.

    Single braces and backslashes are text, so that LaTeX needs no escapes; what is filled in is never read as
    a template again.

    Parameters
    ----------
    text : str
        The text with its fields. The name of a field is a word; blanks around it do not count.

    Raises
    ------
    ArgumentError
        If the text is empty, or double braces hold something else than a name.

    Examples
    --------
    >>> template = Template(r"{{question}} Put the answer in \boxed{}.")
    >>> template.fields
    ('question',)
    >>> template.fill(question="What is {{x}} if $x^{2} = 4$?")
    'What is {{x}} if $x^{2} = 4$? Put the answer in \\boxed{}.'
    """

    text: str

    def __post_init__(self) -> None:
        """Check the names, and write all fields alike."""
        instance("text", self.text, str)
        if not self.text.strip():
            raise ArgumentError("a template must not be empty: its text is what the model is told")
        for name in _FIELD.findall(self.text):
            if not name.isidentifier():
                raise ArgumentError(
                    f"a field of a template must be a word, got {{{{{name}}}}}; "
                    "write a blank between braces that are meant as text"
                )
        object.__setattr__(self, "text", _FIELD.sub(r"{{\1}}", self.text))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, in order of first appearance."""
        return tuple(dict.fromkeys(_FIELD.findall(self.text)))

    def require(self, needed: Collection[str], known: Collection[str], role: str) -> None:
        """Fail unless the template has one of the fields `needed`, and none outside `known`.

        Parameters
        ----------
        needed : collection of str
            At least one of these must be there; none at all if empty.
        known : collection of str
            What can be filled in.
        role : str
            What the template is for, for the message.

        Raises
        ------
        ArgumentError
            If the fields do not fit.
        """
        fields = self.fields
        for name in fields:
            if name not in known:
                raise ArgumentError(
                    f"the template of {role} has a field {{{{{name}}}}} that nothing fills; it can hold "
                    + ", ".join(f"{{{{{one}}}}}" for one in known)
                )
        if needed and not any(name in fields for name in needed):
            wanted = " or ".join(f"{{{{{one}}}}}" for one in needed)
            raise ArgumentError(
                f"the template of {role} must hold {wanted}, got {self.text!r:.120}"
            )

    def fill(self, **values: str) -> str:
        """Return the text with a value in place of each field.

        Raises
        ------
        ArgumentError
            If a field has no value, or a value no field.
        """
        fields = self.fields
        for name in fields:
            if name not in values:
                raise ArgumentError(f"the field {{{{{name}}}}} has no value; pass {name}=")
        for name in values:
            if name not in fields:
                shown = ", ".join(fields) or "none"
                raise ArgumentError(f"there is no field {{{{{name}}}}}; the template has {shown}")
        return self.fill_from(values)

    def fill_from(self, values: Mapping[str, str]) -> str:
        """Return the text filled from values of which it may need only some."""
        return _FIELD.sub(lambda field: values[field[1]], self.text)


def as_template(template: Template | str) -> Template:
    """Return a template; a text becomes one."""
    instance("template", template, Template, str)
    return Template(template) if isinstance(template, str) else template
