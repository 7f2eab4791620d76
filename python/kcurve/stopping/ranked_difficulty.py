"""DSC across questions: what is known of their difficulty decides who is asked how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from kcurve._validation import instance, positive_integer
from kcurve.errors import ArgumentError
from kcurve.stopping.difficulty_adaptive import DifficultyAdaptive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog


@dataclass(frozen=True, slots=True)
class RankedDifficulty:
    """Difficulty-adaptive self-consistency (DSC) for a set of questions, ranked by difficulty.

    From the hardest question to easier ones, each begins with a window of samples. Once `judged`
    windows in a row are unanimous, all easier questions get a single sample. Then, from the easiest
    of the questions that were looked at to the hardest, a question whose window is neither unanimous nor
    clear gets a first batch: as many samples in all as the last `neighbours` questions took on average,
    rounded up. While the leader is not clear, extensions follow.

    Parameters
    ----------
    difficulty : mapping of str to float
        How hard each question is, by its id; only the order counts. In the paper a model ranks the
        questions; the share of another model's samples that are wrong is another source.
    rule : DifficultyAdaptive
        Window, extension, and confidence that makes a leader clear.
    judged : int
        Unanimous windows in a row after which easier questions count as easy, at least 1.
    neighbours : int
        Questions that a first batch is guessed from, at least 1.

    Notes
    -----
    It saves rounds rather than calls: samples of one round can be asked for in one request, which pays
    the prompt once. `Replayed.rounds` counts them: the window, the batch if it draws any, each
    extension; one for an easy question. Samples without an answer fill no place in a window, an
    extension or the single sample, and are drawn again in the same round; they do fill the batch.

    Of the paper are the ranking, the row of unanimous windows, the single samples, the guess from
    neighbours and the extensions, with the default numbers. Where it leaves a choice, here a
    window that settles a question by itself ends it, questions of equal difficulty follow each other by
    a hash of their ids, and all questions of the hard part are neighbours.

    A replay only (`replay`): a rule that looks across questions has no place inside one vote.

    References
    ----------
    Wang et al., "Make Every Penny Count: Difficulty-Adaptive Self-Consistency for Cost-Efficient
    Reasoning", arXiv 2408.13457.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.stopping import RankedDifficulty, replay
    >>> log = kc.example_log()
    >>> wrong = 1 - kc.curve(log.first(5), kc.MeanAtK(), k=[1], interval=None).per_question[:, 0]
    >>> rule = RankedDifficulty(dict(zip(log.question, wrong)))
    >>> rule
    RankedDifficulty(999 questions, DifficultyAdaptive(confidence=0.95, window=4, extension=4), judged=32, neighbours=16)
    >>> 1 < replay(log, rule).mean_rounds < 2
    True
    """

    difficulty: Mapping[str, float] = field(repr=False)
    rule: DifficultyAdaptive = DifficultyAdaptive()  # noqa: RUF009 - frozen
    judged: int = field(default=32, kw_only=True)
    neighbours: int = field(default=16, kw_only=True)
    label: ClassVar[str] = "difficulty-ranked"

    def __post_init__(self) -> None:
        """Check the settings."""
        if not isinstance(self.difficulty, Mapping):
            raise ArgumentError(
                f"difficulty must be a mapping from question ids to numbers, got {self.difficulty!r:.80}"
            )
        for question, number in self.difficulty.items():
            if not np.isfinite(number):
                raise ArgumentError(
                    f'difficulty must be finite, that of "{question}" is {number}; rank it or leave it out'
                )
        instance("rule", self.rule, DifficultyAdaptive)
        positive_integer("judged", self.judged)
        positive_integer("neighbours", self.neighbours)

    def ranking(self, log: AnswerLog, identities: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the positions of a log's questions, the hardest first; equals by identity.

        Raises
        ------
        ArgumentError
            If the difficulty of a question is not known.
        """
        difficulty = np.empty(log.n_questions)
        for position, question in enumerate(log.question):
            if question not in self.difficulty:
                raise ArgumentError(
                    f'the difficulty of the question "{question}" is missing; give that of all {log.n_questions}'
                )
            difficulty[position] = self.difficulty[question]
        return np.lexsort((identities, -difficulty)).astype(np.uint64)

    def __repr__(self) -> str:
        """Show the settings, and how many questions are ranked."""
        return (
            f"RankedDifficulty({len(self.difficulty)} questions, {self.rule!r}, judged={self.judged}, "
            f"neighbours={self.neighbours})"
        )
