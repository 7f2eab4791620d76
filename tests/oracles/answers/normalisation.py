"""One spelling of answers that differ by nothing."""

from __future__ import annotations

import re

from tests.oracles.answers.characters import SPACES, group_end


def plain_characters(text: str) -> str:
    """Full-width forms become ASCII, dashes that stand for a minus become a hyphen, any space a blank."""
    characters = []
    for character in text:
        if "\uff01" <= character <= "\uff5e":
            characters.append(chr(ord(character) - 0xFEE0))
        elif character in "\u2212\u2010\u2011\u2012\u2013\ufe63":
            characters.append("-")
        else:
            characters.append(" " if character in SPACES else character)
    return "".join(characters)


def without_wrapping(text: str) -> str:
    """Without blanks, mathematical delimiters and asterisks around it, and without a period behind it."""
    while True:
        before = text
        text = text.strip(" ")
        for opening, closing in (
            ("$", "$"),
            ("\\(", "\\)"),
            ("\\[", "\\]"),
            ("**", "**"),
            ("`", "`"),
        ):
            inner = text[len(opening) : len(text) - len(closing)]
            if (
                len(text) > len(opening + closing)
                and text.startswith(opening)
                and text.endswith(closing)
                and (
                    closing not in inner
                    or (opening == "$" and inner.startswith("$") and inner.endswith("$"))
                )
            ):
                text = inner
        if text.endswith(".") and not text.endswith(".."):
            text = text[:-1]
        if text == before:
            return text


_STYLES = r"\\(?:text|textbf|textit|textrm|textsf|texttt|mathrm|mathbf|mathsf|mathit|mbox|operatorname)(?![A-Za-z]) *(?=\{)"


def plain_latex(text: str) -> str:
    r"""Without \left, \right, spacing and style commands; one spelling of fractions, per cent and currency signs."""
    text = re.sub(r"\\(?:left|right)(?![A-Za-z])", "", text)
    text = re.sub(r"\\(?:[!]|(?:displaystyle|limits)(?![A-Za-z]))", "", text)
    if len(re.findall(r"(?<!\\)\$", text)) % 2 == 0:
        text = re.sub(r"(?<!\\)\$", "", text)
    text = text.replace("{,}", ",")
    text = re.sub(r"(?<=[0-9])\\,(?=[0-9]{3}(?![0-9]))", ",", text)
    text = re.sub(r"\\(?:[,;: ]|(?:quad|qquad)(?![A-Za-z]))|~", " ", text)
    text = re.sub(r"\\[dtc]frac(?![A-Za-z])", r"\\frac", text)
    text = re.sub(r"\\([%$])", r"\1", text)
    text = _unstyled(text)
    argument = r"(?:\{ *(-?[0-9]+) *\}| *([0-9]))"
    return re.sub(rf"\\frac{argument}{argument}", _simple_fraction, text)


def _unstyled(text: str) -> str:
    style = re.search(_STYLES, text)
    if style is None:
        return text
    end = group_end(text, style.end())
    if end is None:
        return text[: style.start()] + text[style.end()] + _unstyled(text[style.end() + 1 :])
    return (
        text[: style.start()] + _unstyled(text[style.end() + 1 : end - 1]) + _unstyled(text[end:])
    )


def _simple_fraction(found: re.Match[str]) -> str:
    over, under = found[1] or found[2], found[3] or found[4]
    before, behind = found.string[: found.start()], found.string[found.end() :]
    if re.search(r"[A-Za-z0-9_})\]] *\Z", before) or re.match(r"[A-Za-z0-9^({\\!]", behind):
        return rf"\frac{{{over}}}{{{under}}}"
    return f"{over}/{under}"


def tight(text: str) -> str:
    """Without blanks, except one between two words or numbers."""
    outer = "[A-Za-z0-9\u0080-\U0010ffff]"
    text = re.sub(" +", " ", text)
    return re.sub(f"(?<!{outer}) | (?!{outer})", "", text)


def plain_number(text: str) -> str:
    """Without currency sign and separators of thousands, if it begins as a number and has no other comma."""
    whole = r"(?:[0-9]{1,3}(?:,[0-9]{3}(?![0-9]))+|[0-9]+|(?=\.[0-9]))"
    found = re.fullmatch(rf"(-?)[$£€¥₹]?(-?)({whole})((?:\.[0-9]+)?(?:[A-Za-z% \\^°][^,]*)?)", text)
    if found is None or (found[1] and found[2]):
        return text
    return found[1] + found[2] + found[3].replace(",", "") + found[4]


def normalised(text: str, *, ignore_case: bool = True) -> str:
    text = without_wrapping(plain_characters(text))
    text = plain_number(tight(without_wrapping(plain_latex(text))))
    framed = re.fullmatch(r"[(\[]([A-Za-z])[)\]]", text)
    text = framed[1] if framed else text
    return "".join(character.lower() for character in text) if ignore_case else text
