"""Numbers in a text."""

from __future__ import annotations

import re

_SEPARATOR = r"(?:,\\!|,|\{,\}|\\,|\u202f|\u2009)"
_INTEGER = rf"(?:[0-9]{{1,3}}(?:{_SEPARATOR}[0-9]{{3}}(?![0-9]))+|[0-9]+)"
_POWER = r"10\^(?:\{([-+\u2212]?[0-9]+)\}|([-+\u2212]?[0-9]+))"
_ARGUMENT = r"(?:\{ *([-\u2212]?[0-9]+) *\}|([0-9]))"
_NUMBER = re.compile(
    # The sign, before or behind a currency; a dash behind a word or a bracket is none.
    r"(?P<sign>(?<![A-Za-z0-9_)\]}%.\-\u2212])[-\u2212])?(?:(?:\\?\$|[£€¥₹])(?P<inner>[-\u2212])?)?"
    r"(?:"
    rf"(?P<whole>[0-9]*)\\[dtc]?frac{_ARGUMENT}{_ARGUMENT}"
    r"|(?:(?P<units>[0-9]+) )?(?<!/)(?P<over>[0-9]+)/(?P<under>[0-9]+)(?![0-9]|/|\.[0-9])"
    rf"|{_POWER}(?![0-9])"
    rf"|(?P<digits>{_INTEGER}(?:\.[0-9]+)?|(?<![A-Za-z0-9_.])\.[0-9]+)"
    rf"(?:[ \t]*(?:\\times|\\cdot|[×·*x])[ \t]*{_POWER}|[eE]([-+]?[0-9]+)(?![A-Za-z0-9_]))?"
    r")"
    r"(?P<percent> ?\\?%)?"
)


def _glued(before: str) -> bool:
    """Whether a number behind this text belongs to a word or an index: x2, H2O, 10^5; but not the 5 of LaTeX's \\times5."""
    if re.search(r"[\^_]\{?\Z", before):
        return True
    return bool(re.search(r"[A-Za-z0-9_]\Z", before)) and not re.search(r"\\[A-Za-z]+\Z", before)


def _spelled(found: re.Match[str]) -> str | None:
    """The number without separators and currency."""
    minus = sum(found[name] is not None for name in ("sign", "inner"))
    first, second, third, fourth = found.group(4, 5, 6, 7)
    if found["whole"] is not None:
        over = (first or second).replace("\u2212", "-")
        under = (third or fourth).replace("\u2212", "-")
        minus += over.startswith("-") + under.startswith("-")
        body = f"{over.lstrip('-')}/{under.lstrip('-')}"
        if int(under) == 0:
            return None
        if found["whole"]:
            body = f"{found['whole']} {body}"
    elif found["over"] is not None:
        if int(found["under"]) == 0:
            return None
        body = f"{found['over']}/{found['under']}"
        if found["units"] is not None:
            body = f"{found['units']} {body}"
    elif found["digits"] is None:
        body = f"1e{_exponent(found.group(11) or found.group(12))}"
    else:
        body = re.sub(r"[^0-9.]", "", found["digits"])
        body = f"0{body}" if body.startswith(".") else body
        power = found.group(14) or found.group(15) or found.group(16)
        if power is not None:
            body = f"{body}e{_exponent(power)}"
    return "-" * (minus % 2) + body + "%" * (found["percent"] is not None)


def _exponent(text: str) -> str:
    return text.replace("\u2212", "-").removeprefix("+")


def last_number(text: str) -> str | None:
    last = None
    for found in _NUMBER.finditer(text):
        if not _glued(text[: found.start()]):
            last = _spelled(found) or last
    return last
