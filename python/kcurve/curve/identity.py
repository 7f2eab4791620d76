"""Who the questions of a log are, whatever their order: the addresses of their random streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve.log.strings import Strings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.evaluation import AnyLog
    from kcurve.log.columns import Categorical

    Texts = tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]


def question_identities(log: AnyLog) -> NDArray[np.uint64]:
    """Return a hash of data set, model and question id for each question, [Q]."""
    positions = np.arange(log.n_questions, dtype=np.int64)
    question = (log.question.offsets, log.question.data, positions)
    return _core.identities([_texts(log.dataset), _texts(log.model), question])


def unit_identities(log: AnyLog) -> NDArray[np.uint64]:
    """Return who each question is resampled with, [Q]: its cluster, or itself."""
    if log.cluster is None:
        return question_identities(log)
    return _core.identities([_texts(log.cluster)])


def identity_order(log: AnyLog) -> NDArray[np.intp]:
    """Return the questions by identity: floats summed in this order do not depend on the log's."""
    return np.argsort(question_identities(log), kind="stable")


def _texts(column: Categorical) -> Texts:
    names = Strings.pack(column.names)
    return names.offsets, names.data, column.codes.astype(np.int64)
