"""What can have become of a node."""

from enum import IntEnum


class Status(IntEnum):
    """What has become of a node.

    Attributes
    ----------
    OPEN
        It can be continued.
    COMPLETE
        It has come to its end: an answer, or the model stopped.
    CUT
        A limit of depth or tokens ended it.
    FAILED
        There is no text, or no usable score: it is never continued, and no candidate.
    """

    OPEN = 0
    COMPLETE = 1
    CUT = 2
    FAILED = 3
