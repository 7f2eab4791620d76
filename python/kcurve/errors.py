"""The errors of kcurve, one tree under `KcurveError`.

::

    KcurveError
    ├── ArgumentError (ValueError)        an argument outside its range
    ├── LogError (ValueError)             a log that is no table of questions x samples
    │   └── MissingColumnError (LookupError)  a column the request needs and the log lacks
    ├── DatasetError (ValueError)         questions that cannot be read, or are not there
    ├── WorkerError (RuntimeError)        worker processes that died again and again
    ├── StoreError (RuntimeError)         a store that cannot be opened, read or written
    └── LLMError (RuntimeError)           a server that cannot be used, or does not answer as it should
        └── BudgetError                   the next call could overspend

Each error also subclasses the built-in it refines, so `except ValueError` keeps working.
Messages are one line: the value, the limit, and the remedy.
"""


class KcurveError(Exception):
    """Base of every error kcurve raises on purpose."""


class LogError(KcurveError, ValueError):
    """The rows given do not form an answer log, or the log cannot answer this question."""


class ArgumentError(KcurveError, ValueError):
    """An argument is outside the range the function accepts."""


class MissingColumnError(LogError, LookupError):
    """The rule or method asked for needs a column that the log does not have."""


class DatasetError(KcurveError, ValueError):
    """The questions of a data set cannot be read, or cannot be reached."""


class WorkerError(KcurveError, RuntimeError):
    """Worker processes died again and again, so that the work could not be finished."""


class StoreError(KcurveError, RuntimeError):
    """A store of responses cannot be opened, read or written; what it holds is untouched."""


class LLMError(KcurveError, RuntimeError):
    """A server cannot be used as asked, or does not answer as it should.

    Attributes
    ----------
    kind : str or None
        What the server refused, such as ``"http_401"``, if it was the server that did.
    """

    def __init__(self, message: str = "", *, kind: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind


class BudgetError(LLMError):
    """The next call could spend more than the budget allows, so it was not made."""
