"""The grammar of `--k`: which numbers of calls a curve is evaluated at.

::

    grid  = item {"," item}
    item  = N                 one number of calls
          | A ":" B           every number from A to B, both included
          | A ":" B ":" S     from A in steps of S, up to B at most
          | A ":" B ":log" M  M numbers from A to B, evenly spaced on a logarithmic axis

The numbers may come in any order; the grid is sorted and holds each number once.
"""

import re

from kcurve.errors import ArgumentError

_ITEM = re.compile(r"(?P<start>\d+)(:(?P<stop>\d+)(:((?P<step>\d+)|log(?P<count>\d+)))?)?")

LONGEST = 100_000
"""The most numbers of calls one grid may hold: a slip such as `1:10000000` must not eat the memory."""


def parse_grid(text: str) -> list[int]:
    """Numbers of calls that `text` names, in increasing order.

    Parameters
    ----------
    text : str
        For example ``"1,2,5,10"``, ``"1:100"``, ``"2:30:2"`` or ``"1:1000:log20"``.

    Returns
    -------
    list of int
        At least one number, each at least 1, increasing, without repeats.

    Raises
    ------
    ArgumentError
        If an item is none of the four forms, or names numbers below 1 or more than
        `LONGEST` of them.

    Examples
    --------
    >>> parse_grid("1,2,5,10")
    [1, 2, 5, 10]
    >>> parse_grid("1:3,10:30:10")
    [1, 2, 3, 10, 20, 30]
    >>> parse_grid("1:1000:log4")
    [1, 10, 100, 1000]
    """
    numbers: set[int] = set()
    for item in text.replace(" ", "").split(","):
        numbers.update(_numbers(item))
    return sorted(numbers)


def _numbers(item: str) -> range | list[int]:
    match = _ITEM.fullmatch(item)
    if match is None:
        message = f'--k does not understand "{item}"; write 5, 1:100, 2:30:2 or 1:1000:log20'
        raise ArgumentError(message)
    start = int(match["start"])
    stop = int(match["stop"] or start)
    step = int(match["step"] or 1)
    count = None if match["count"] is None else int(match["count"])
    if start < 1:
        raise ArgumentError(f'--k must name numbers of at least 1, got "{item}"')
    if stop < start:
        raise ArgumentError(f'--k must name ranges that grow, got "{item}"; write {stop}:{start}')
    if step < 1:
        raise ArgumentError(f'--k must step by at least 1, got "{item}"')
    if count is not None and count < 2:
        raise ArgumentError(f'--k must name at least 2 log-spaced numbers, got "{item}"')
    length = count if count is not None else (stop - start) // step + 1
    if length > LONGEST:
        message = f'--k names {length} numbers of calls in "{item}", the limit is {LONGEST}; try {start}:{stop}:log40'
        raise ArgumentError(message)
    if count is None:
        return range(start, stop + 1, step)
    ratio = stop / start
    return [round(start * ratio ** (index / (count - 1))) for index in range(count)]
