r"""What each extractor takes out of a text, and when two answers are the same: as short as regular expressions can say it.

Slow, and written without a look at the fast code. Whitespace is what Unicode calls so; letters and digits are
those of ASCII unless said otherwise.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction

SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
WORD = "[A-Za-z0-9_]"


def _stripped(text: str) -> str | None:
    return text.strip(SPACES) or None


def whole_text(text: str) -> str | None:
    return _stripped(text)


def contains(text: str, part: str, *, ignore_case: bool) -> str | None:
    if ignore_case:
        return "yes" if _ascii_lower(part) in _ascii_lower(text) else None
    return "yes" if part in text else None


def _ascii_lower(text: str) -> str:
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


# --- boxes ------------------------------------------------------------------------------------------------------


def _group_end(text: str, start: int) -> int | None:
    r"""Where the group that opens with the brace at `start` ends: just behind its brace. A backslash hides what follows it."""
    depth = 0
    position = start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None


def _box(text: str, start: int) -> str | None:
    """What the box holds whose command ends at `start`."""
    while start < len(text) and text[start] in SPACES:
        start += 1
    if text[start : start + 1] == "{":
        end = _group_end(text, start)
        return None if end is None else _stripped(text[start + 1 : end - 1])
    end = start
    while end < len(text) and text[end] not in SPACES + "$}":
        if text[end] == "{":
            after = _group_end(text, end)
            if after is None:
                return None
            end = after
        else:
            end += 1
        if len(text[start:end].encode()) > 1000:
            return None
    return text[start:end].rstrip(".,;") or None


def boxes(text: str) -> list[tuple[int, str]]:
    """Where every readable box begins, and what it holds."""
    commands = re.finditer(r"\\(?:boxed|fbox)(?![A-Za-z])", text)
    found = [(command.start(), _box(text, command.end())) for command in commands]
    return [(start, content) for start, content in found if content is not None]


def boxed(text: str) -> str | None:
    found = boxes(text)
    return found[-1][1] if found else None


# --- numbers in a text ------------------------------------------------------------------------------------------

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


# --- phrases ----------------------------------------------------------------------------------------------------


def answer_is(text: str, *, which: str = "last") -> str | None:
    answers = []
    for found in re.finditer(r"(?i:answer is )(?=\()", text):
        depth = 0
        for position in range(found.end(), len(text)):
            depth += {"(": 1, ")": -1}.get(text[position], 0)
            if text[position] == "\n":
                break
            if depth == 0:
                answer = _stripped(text[found.end() + 1 : position])
                answers += [answer] if answer else []
                break
    if not answers:
        return None
    return answers[-1] if which == "last" else answers[0]


def the_answer_is(text: str, *, marker: str = "the answer is") -> str | None:
    lowered = _ascii_lower(text)
    start = len(text)
    while (start := lowered.rfind(_ascii_lower(marker), 0, start)) >= 0:
        behind = text[start + len(marker) :].lstrip(SPACES + ":*")
        line = behind.partition("\n")[0].rstrip(SPACES + "*")
        answer = line.removesuffix(".").rstrip(SPACES + "*")
        if answer:
            return answer
        start += len(marker) - 1
    return None


# --- letters ----------------------------------------------------------------------------------------------------

_FRAME = r"(?:\\(?:text|textbf|textrm|textsf|mathrm|mathbf|mathsf|bf|rm)\{)"


def choice_letter(text: str, choices: str = "ABCD") -> str | None:
    """The last letter that is said to be the answer; failing that bracketed, failing that leading a line, failing that closing the text."""
    either = f"[{choices}{choices.lower()}]"
    upper = f"[{choices}]"
    stated = []
    for start, content in boxes(text):
        framed = re.fullmatch(
            rf"[ *]*{_FRAME}?[ *]*[(\[]?[ *]*({either})[ *]*[)\]]?[ *]*\}}?[ *]*(?:[.:)].*)?",
            content,
            re.DOTALL,
        )
        if framed:
            stated.append((start, framed[1].upper()))
    bracketed = rf"(?:\({either}\)|\[{either}\]|{_FRAME}\(?{either}\)?\}})"
    # A and I are words too; a word of the sentence behind them shows that they are meant so.
    bare = rf"(?:{upper}(?![A-Za-z0-9_'\u2019])(?:(?<![AI])|(?![ \t]+[A-Za-z])|(?=[ \t]+(?:because|since|as|so|which)(?![A-Za-z]))))"
    phrase = (
        r"(?<![A-Za-z])(?i:answer|choice|option)[ *_]*"
        r"(?:(?i:is|would be|should be|must be)(?![A-Za-z])[ *_]*:?|[:=])"
        rf"[{SPACES}*_$\"'`]*(?:(?i:option|choice|letter)[ *_]+)?[$\"'`]*"
        rf"(?P<letter>{bracketed}|{bare})"
    )
    stated += [
        (found.start(), re.search(rf"{either}(?=[^A-Za-z]*\Z)", found["letter"])[0].upper())
        for found in re.finditer(phrase, text)
    ]
    if stated:
        return max(stated)[1]
    marked = (
        rf"\({upper}\)|\[{upper}\]|\*\*\(?{upper}[.):]?\*\*|{_FRAME}\(?{upper}\)?\}}|\${upper}\$"
    )
    found = re.findall(marked, text)
    if found:
        return re.search(rf"{upper}(?=[^A-Za-z]*\Z)", found[-1])[0]
    leading = re.findall(
        rf"(?:\A|(?<=\n))[ \t*#>\-]*({upper})(?:[.):](?=[{SPACES}*]|\Z)|[ \t\r*]*(?=\n|\Z))", text
    )
    if leading:
        return leading[-1]
    closing = re.search(rf"(?<![A-Za-z0-9_'\u2019])({upper})[{SPACES}.!*)\]\"']*\Z", text)
    return closing[1] if closing else None


# --- JSON -------------------------------------------------------------------------------------------------------


def json_field(text: str, path: tuple[str | int, ...]) -> str | None:
    """The value at the path in the last object of the text, written as JSON unless it is a text."""
    decoder = json.JSONDecoder(parse_float=_Verbatim, parse_int=_Verbatim, parse_constant=_refuse)
    value = None
    start = text.find("{")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            if _depth(found) > 100:
                end = start + 1
            else:
                value = found
        start = text.find("{", end)
    for step in path:
        if (isinstance(value, dict) and isinstance(step, str) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
        ):
            value = value[step]
        else:
            return None
    if value is None:
        return None
    return _stripped(re.sub("[\ud800-\udfff]", "\ufffd", _json(value)))


def _depth(value: object) -> int:
    inner = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    )
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


class _Verbatim(str):
    """A number as it is spelled."""

    __slots__ = ()


def _refuse(name: str) -> None:
    raise ValueError(name)


def _json(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{_inner(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_inner, value)) + "]"
    return {True: "true", False: "false"}[value]


def _inner(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str) and not isinstance(value, _Verbatim):
        return _quoted(value)
    return _json(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- normalisation ----------------------------------------------------------------------------------------------


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
    end = _group_end(text, style.end())
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


# --- numbers ----------------------------------------------------------------------------------------------------

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


# --- classes ----------------------------------------------------------------------------------------------------


def by_number(
    spellings: list[str], reference: str | None, relative: str, absolute: str
) -> dict[str, object]:
    """What the equal answers of each spelling have in common: the number that claimed theirs, or their text."""
    values = {one: number(one) for one in spellings}
    left = {value for value in values.values() if value is not None}
    claimed = {}
    founder = None if reference is None else values[reference]
    while left:
        founder = min(left) if founder is None else founder
        claims = {value for value in left if close(founder, value, relative, absolute)}
        claimed.update(dict.fromkeys(claims, founder))
        left -= claims
        founder = None
    return {
        one: normalised(one) if value is None else claimed[value] for one, value in values.items()
    }


def numbered(
    answers: list[str | None], reference: str | None, group: dict[str, object]
) -> tuple[list[int], tuple[str, ...], int]:
    """Codes in order of appearance, the first spelling of each class, and the code of the reference."""
    found = [None if answer is None else group[answer] for answer in answers]
    order = list(dict.fromkeys(one for one in found if one is not None))
    codes = [-1 if one is None else order.index(one) for one in found]
    first = tuple(answers[codes.index(code)] for code in range(len(order)))
    right = None if reference is None else group[reference]
    return codes, first, order.index(right) if right in order else -1
