"""The steps of a response that was written in one go."""

from __future__ import annotations

from kcurve._validation import instance
from kcurve.errors import ArgumentError


def split_steps(response: str, step_end: str = "\n\n") -> list[str]:
    r"""Return the steps of a response, each with the text that ends it: joined they are the response.

    Parameters
    ----------
    response : str
        The whole response.
    step_end : str, optional
        What stands between steps.

    Returns
    -------
    list of str
        The steps. What holds nothing but space is no step of its own: it belongs to the one before it, at the
        beginning to the one after. An empty response has no steps, a blank one is a single step.

    Raises
    ------
    ArgumentError
        If `step_end` is empty.

    Examples
    --------
    >>> split_steps("2+3=5\n\n5+4=9\n\n\n\nSo 9.")
    ['2+3=5\n\n', '5+4=9\n\n\n\n', 'So 9.']
    """
    instance("response", response, str)
    instance("step_end", step_end, str)
    if not step_end:
        raise ArgumentError("step_end must not be empty: it is what stands between steps")
    *ended, rest = response.split(step_end)
    steps: list[str] = []
    blank = ""
    for part in [*(text + step_end for text in ended), rest]:
        if part.strip():
            steps.append(blank + part)
            blank = ""
        elif steps:
            steps[-1] += part
        else:
            blank += part
    return steps or [blank][: bool(blank)]
