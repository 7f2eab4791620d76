"""The log that comes with kcurve."""

from kcurve.log.answer_log import AnswerLog
from kcurve.log.files import read_log


def example_log() -> AnswerLog:
    """Return a real log: 999 word problems of SVAMP, 30 programs of Codex for each.

    From the Program of Thoughts project (MIT licence). A program that did not run, or printed
    nothing, is a sample without an answer.

    Returns
    -------
    AnswerLog

    Examples
    --------
    >>> log = example_log()
    >>> log
    AnswerLog: 999 questions x 30 samples, svamp, code-davinci-002 PoT (temp not logged)
    >>> log.question[0], log.reference[0], log.answer(0, 3)
    ('svamp-0000', '51', '51')
    """
    from importlib.resources import as_file, files  # noqa: PLC0415 - slow to import

    with as_file(files("kcurve") / "data" / "pot_svamp.parquet") as path:
        return read_log(path)
