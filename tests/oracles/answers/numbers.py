"""The value of an answer that is a number, and which numbers are close."""

from __future__ import annotations

import re
from fractions import Fraction

from tests.oracles.answers.normalisation import normalised, plain_number

MOST_DIGITS = 400
UNITS = frozenset(
    [
        "mm",
        "cm",
        "dm",
        "m",
        "km",
        "in",
        "ft",
        "yd",
        "mi",
        "inch",
        "inches",
        "foot",
        "feet",
        "yard",
        "yards",
        "mile",
        "miles",
        "mg",
        "g",
        "kg",
        "lb",
        "lbs",
        "oz",
        "t",
        "ton",
        "tons",
        "gram",
        "grams",
        "pound",
        "pounds",
        "ounce",
        "ounces",
        "ms",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "min",
        "mins",
        "minute",
        "minutes",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "ml",
        "cl",
        "dl",
        "l",
        "liter",
        "liters",
        "litre",
        "litres",
        "gallon",
        "gallons",
        "cup",
        "cups",
        "mph",
        "kph",
        "km/h",
        "m/s",
        "N",
        "J",
        "W",
        "V",
        "A",
        "K",
        "C",
        "F",
        "Hz",
        "kHz",
        "MHz",
        "Pa",
        "kPa",
        "dollar",
        "dollars",
        "cent",
        "cents",
        "usd",
        "eur",
        "euro",
        "euros",
        "rupees",
        "deg",
        "degree",
        "degrees",
        "radian",
        "radians",
        "unit",
        "units",
        "percent",
    ]
)
NO_UNITS = frozenset(
    [
        "and",
        "or",
        "not",
        "to",
        "than",
        "plus",
        "minus",
        "times",
        "over",
        "hundred",
        "thousand",
        "million",
        "billion",
        "trillion",
        "dozen",
        "half",
        "quarter",
        "third",
        "mod",
        "modulo",
        "if",
        "when",
        "where",
    ]
)


def _is_unit(text: str) -> bool:
    """Whether what stands behind a number only names what is counted."""
    if text in ("", "°", "^\\circ", "^{\\circ}", "\\degree", "\\degrees"):
        return True
    spaced = text.startswith(" ")
    words = (
        re.sub(r"\^(?:\{[23]\}|[23])|[²³]", "", text.strip(" ")).replace("\\cdot", " ").split(" ")
    )
    for position, word in enumerate(words):
        parts = [word] if word in UNITS else word.split("/")
        for part in parts:
            known = part in UNITS
            if position == 0 and not spaced and not known:
                return False
            if not known and (not re.fullmatch("[A-Za-z]{3,}", part) or part.lower() in NO_UNITS):
                return False
    return True


def number(text: str, *, percent: bool = True) -> Fraction | None:  # noqa: C901 - one form of number after another
    """The exact value of an answer that is a number; with `percent`, 50% is one half, else 50."""
    text = normalised(text, ignore_case=False)
    assigned = re.fullmatch(r"\\?[A-Za-z]+=(.+)", text)
    text = plain_number(assigned[1]) if assigned else text
    sign, text = re.fullmatch(r"([-+]?)(.*)", text, re.DOTALL).groups()
    text = re.sub(r"\A[$£€¥₹]", "", text)
    if not sign:
        sign, text = re.fullmatch(r"([-+]?)(.*)", text, re.DOTALL).groups()
    mixed = re.match(
        r"([0-9]+)(?: (?=[0-9])|(?=\\))(?:([0-9]+)/([0-9]+)(?![0-9/.])|\\frac\{([0-9]+)\}\{([0-9]+)\})",
        text,
    )
    simple = re.match(
        r"(-?[0-9]+(?:\.[0-9]+)?|\.[0-9]+)/(-?[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![0-9/.])", text
    )
    latex = re.match(
        r"\\frac\{(-?[0-9]+(?:\.[0-9]+)?|-?\.[0-9]+)\}\{(-?[0-9]+(?:\.[0-9]+)?|-?\.[0-9]+)\}", text
    )
    power = re.match(r"10\^(?:\{([-+]?[0-9]+)\}|([-+]?[0-9]+))(?![0-9.])", text)
    decimal = re.match(
        r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?![0-9.])"
        r"(?: ?(?:\\times|\\cdot|×|·|\*|x) ?10\^(?:\{([-+]?[0-9]+)\}|([-+]?[0-9]+))(?![0-9.])|[eE]([-+]?[0-9]+)(?![A-Za-z0-9_.]))?",
        text,
    )
    if mixed:
        over, under = mixed[2] or mixed[4], mixed[3] or mixed[5]
        parts, end = [mixed[1], over, under], mixed.end()
        if _too_long(parts) or int(under) == 0:
            return None
        value = int(mixed[1]) + Fraction(int(over), int(under))
    elif simple or latex:
        found = simple or latex
        parts, end = [found[1], found[2]], found.end()
        if _too_long(parts) or Fraction(_whole(found[2])) == 0:
            return None
        value = Fraction(_whole(found[1])) / Fraction(_whole(found[2]))
    elif power:
        parts, end = [], power.end()
        exponent = _power(power[1] or power[2])
        if exponent is None or abs(exponent) > MOST_DIGITS:
            return None
        value = Fraction(10) ** exponent
    elif decimal:
        parts, end = [_whole(decimal[1])], decimal.end()
        exponent = _power(decimal[2] or decimal[3] or decimal[4] or "0")
        if _too_long(parts) or exponent is None or abs(exponent) > MOST_DIGITS:
            return None
        value = Fraction(_whole(decimal[1])) * Fraction(10) ** exponent
    else:
        return None
    rest = text[end:]
    if rest.lower() in ("%", " percent", "percent"):
        value = value / 100 if percent else value
    elif not _is_unit(rest):
        return None
    return -value if sign == "-" else value


def _power(text: str) -> int | None:
    text = text.removeprefix("+")
    return int(text) if len(text) <= 6 else None


def _whole(text: str) -> str:
    return text.removesuffix(".")


def _too_long(parts: list[str]) -> bool:
    return sum(map(len, parts)) > MOST_DIGITS


def close(left: Fraction, right: Fraction, relative: str, absolute: str) -> bool:
    """Whether two numbers differ by no more than the tolerances, written as decimals, allow."""
    allowed = max(Fraction(absolute), Fraction(relative) * max(abs(left), abs(right)))
    return abs(left - right) <= allowed
