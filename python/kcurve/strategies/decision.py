"""What a rule decides from the candidates drawn: pure, and the same whenever it is asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError
from kcurve.rules import FilterVote, Vote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.rules import NoAnswer, Rule, Ties

NO_ANSWER = -1
"""The code of a candidate without an answer."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a vote.

    Attributes
    ----------
    code : int
        The answer chosen; -1 for none.
    votes : mapping of int to int
        The votes of each answer, most first; those that did not count are left out.
    tied : bool
        Whether several answers had the most votes.
    fell_back : bool
        Whether the filter kept no candidate, so that all of them voted.
    """

    code: int
    votes: Mapping[int, int]
    tied: bool = False
    fell_back: bool = False


def decide(
    rule: Rule, codes: Sequence[int], *, keep: Sequence[bool] | None = None, draw: int = 0
) -> Decision:
    """Return what a rule decides from these candidates.

    Parameters
    ----------
    rule : Vote or FilterVote
        The rule, with its settings for ties and for candidates without an answer.
    codes : sequence of int
        The answer of each candidate, in the order drawn; -1 for none.
    keep : sequence of bool, optional
        Whether the filter kept each candidate; only for `FilterVote`.
    draw : int
        A random number, at least 0, to draw one of n tied answers by: the one of rank ``draw mod n`` by code.

    Returns
    -------
    Decision
        With ``ties="split"`` one of the tied answers drawn by `draw`, whose expectation over draws
        is the rule's credit; with ``"first"`` the one drawn first; with ``"wrong"`` none.

    Raises
    ------
    ArgumentError
        If the rule does not choose an answer by votes, or `keep` does not fit.

    Notes
    -----
    The calls are made when their answers are seen to be missing, so ``no_answer="drop"`` decides as
    ``"ignore"`` does: such candidates do not vote. A candidate without an answer that the filter keeps
    counts as kept.

    Examples
    --------
    >>> decide(Vote(), [0, 1, 1, -1])
    Decision(code=1, votes={1: 2, 0: 1}, tied=False, fell_back=False)
    >>> decide(Vote(), [0, 1, 1, 0], draw=3).code
    1
    >>> decide(FilterVote(), [0, 1, 1], keep=[True, False, False]).code
    0
    """
    rule = check_rule(rule)
    if isinstance(rule, FilterVote):
        if keep is None or len(keep) != len(codes):
            given = "none" if keep is None else len(keep)
            raise ArgumentError(
                f"Filter-Vote needs a verdict for each of the {len(codes)} candidates, got {given}"
            )
        kept = [code for code, favourable in zip(codes, keep, strict=True) if favourable]
        voters, fell_back = (kept, False) if kept else (codes, True)
    else:
        voters, fell_back = codes, False
    return _plurality(voters, rule.ties, rule.no_answer, draw, fell_back=fell_back)


def check_rule(rule: Rule) -> Vote | FilterVote:
    """Return a rule that chooses an answer by votes.

    Raises
    ------
    ArgumentError
        If it needs scores, or scores a set of samples without choosing among them.
    """
    if isinstance(rule, Vote):
        return rule
    if isinstance(rule, FilterVote):
        if rule.threshold is not None:
            raise ArgumentError(
                f"a verifier gives verdicts, no scores to hold against a threshold of {rule.threshold:g}; "
                "leave threshold out"
            )
        return rule
    name = type(rule).__name__
    if hasattr(rule, "ties"):
        raise ArgumentError(
            f"{name} needs a score for each sample, which no part of this strategy gives; "
            "use Vote or FilterVote"
        )
    raise ArgumentError(
        f"{name} scores a set of samples and chooses no answer; sample with Vote, and compute "
        f"curve(log, {name}(...)) from the log"
    )


def tie_draw(rng: int, dataset: str, question: str) -> int:
    """Return the random number that ties of a question are broken by: 256 bits of a hash.

    Examples
    --------
    >>> tie_draw(0, "gsm8k", "q1") == tie_draw(0, "gsm8k", "q1") != tie_draw(1, "gsm8k", "q1")
    True
    """
    content = "\0".join(("kcurve.ties.v1", str(rng), dataset, question))
    return int.from_bytes(sha256(content.encode()).digest())


def _plurality(
    voters: Sequence[int], ties: Ties, no_answer: NoAnswer, draw: int, *, fell_back: bool
) -> Decision:
    counted = [code for code in voters if code != NO_ANSWER or no_answer == "vote"]
    votes = dict(sorted(Counter(counted).items(), key=lambda vote: (-vote[1], vote[0])))
    if not votes:
        return Decision(NO_ANSWER, {}, fell_back=fell_back)
    most = max(votes.values())
    leaders = [code for code, count in votes.items() if count == most]
    if len(leaders) == 1:
        code = leaders[0]
    elif ties == "split":
        code = leaders[draw % len(leaders)]
    elif ties == "first":
        code = next(code for code in counted if code in leaders)
    else:
        code = NO_ANSWER
    return Decision(code, votes, tied=len(leaders) > 1, fell_back=fell_back)
