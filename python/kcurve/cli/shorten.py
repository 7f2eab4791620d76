"""Names that are too long for a table or a chart."""


def shorten(text: str, most: int) -> str:
    """`text`, its middle replaced by two dots if it is longer than `most` characters.

    Names of models differ at their ends: in the maker, and in the settings.

    Examples
    --------
    >>> shorten("maker/model-2026-01-01[high]", 16)
    'maker/m..1[high]'
    """
    if len(text) <= most:
        return text
    tail = (most - 2) // 2
    return text[: most - 2 - tail] + ".." + text[len(text) - tail :]
