"""What a rule decides from the candidates drawn: pure, and the same whenever it is asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from math import isnan
from typing import TYPE_CHECKING, TypeAlias

from kcurve.errors import ArgumentError
from kcurve.rules import BestOfN, FilterVote, Vote, WeightedVote
from kcurve.strategies.claims import NO_ANSWER, levels, weighted_claims

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.rules import NoAnswer, Rule, Ties

Chooser: TypeAlias = Vote | FilterVote | WeightedVote | BestOfN
"""A rule that chooses an answer."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a rule.

    Attributes
    ----------
    code : int
        The answer chosen; -1 for none.
    votes : mapping of int to float
        What each answer claims, most first: votes; in a weighted vote the sum or mean of weights; for
        best-of-n its highest score. Answers that did not count, or have no score, are left out.
    tied : bool
        Whether several answers were level at the top.
    fell_back : bool
        Whether the filter kept no candidate, so that all of them voted.
    """

    code: int
    votes: Mapping[int, float]
    tied: bool = False
    fell_back: bool = False


def decide(
    rule: Rule,
    codes: Sequence[int],
    *,
    keep: Sequence[bool] | None = None,
    scores: Sequence[float] | None = None,
    draw: int = 0,
) -> Decision:
    """Return what a rule decides from these candidates.

    Parameters
    ----------
    rule : Vote, FilterVote, WeightedVote or BestOfN
        The rule, with its settings for ties and for candidates without an answer.
    codes : sequence of int
        The answer of each candidate, in the order drawn; -1 for none.
    keep : sequence of bool, optional
        Whether the filter kept each candidate; only for `FilterVote` without a threshold.
    scores : sequence of float, optional
        The score of each candidate, NaN for none; for `WeightedVote`, `BestOfN`, and the threshold of
        `FilterVote`.
    draw : int
        A random number, at least 0, to draw one of n tied answers by: the one of rank ``draw mod n`` by code.
        Of n tied candidates of best-of-n, whatever their answers, it draws number ``draw mod n``.

    Returns
    -------
    Decision
        With ``ties="split"`` one of the tied answers drawn by `draw`, whose expectation over draws
        is the rule's credit; with ``"first"`` the one drawn first; with ``"wrong"`` none, but for best-of-n
        the answer that all tied candidates share, if they do.

    Raises
    ------
    ArgumentError
        If the rule does not choose an answer, `keep` or `scores` do not fit, or a score has no finite weight.

    Notes
    -----
    The calls are made when their answers are seen to be missing. Under ``no_answer="drop"`` such candidates
    neither vote nor hold a rank. A candidate without an answer that the filter keeps counts as kept; one that
    has the top score of best-of-n wins, and there is no answer.

    Examples
    --------
    >>> decide(Vote(), [0, 1, 1, -1])
    Decision(code=1, votes={1: 2, 0: 1}, tied=False, fell_back=False)
    >>> decide(Vote(), [0, 1, 1, 0], draw=3).code
    1
    >>> decide(FilterVote(), [0, 1, 1], keep=[True, False, False]).code
    0
    >>> decide(WeightedVote(), [0, 1, 1], scores=[0.75, 0.25, 0.25])
    Decision(code=0, votes={0: 0.75, 1: 0.5}, tied=False, fell_back=False)
    >>> decide(BestOfN(), [0, 1, 1], scores=[0.7, 0.9, float("nan")]).code
    1
    """
    rule = check_rule(rule, scored=scores is not None)
    scores = None if scores is None else [float(score) for score in scores]
    if scores is not None and len(scores) != len(codes):
        raise ArgumentError(
            f"{type(rule).__name__} needs a score for each of the {len(codes)} candidates, "
            f"got {len(scores)}; NaN stands for none"
        )
    match rule:
        case Vote():
            return _plurality(codes, rule.ties, rule.no_answer, draw)
        case FilterVote():
            return _filtered(rule, codes, keep, scores, draw)
        case WeightedVote():
            return _weighted(rule, codes, scores or (), draw)
        case _:
            return _best(rule, codes, scores or (), draw)


def check_rule(rule: Rule, *, scored: bool = False) -> Chooser:
    """Return a rule that chooses an answer from what there is: answers, and scores if `scored`.

    Raises
    ------
    ArgumentError
        If it needs scores, or scores a set of samples without choosing among them.
    """
    if isinstance(rule, Vote):
        return rule
    if isinstance(rule, FilterVote):
        if rule.threshold is not None and not scored:
            raise ArgumentError(
                f"a verifier gives verdicts, no scores to hold against a threshold of {rule.threshold:g}; "
                "leave threshold out, or pass a reward"
            )
        return rule
    name = type(rule).__name__
    if isinstance(rule, WeightedVote | BestOfN):
        if not scored:
            raise ArgumentError(
                f"{name} needs a score for each candidate, which a reward gives; pass one, "
                "or use Vote or FilterVote"
            )
        return rule
    raise ArgumentError(
        f"{name} scores a set of samples and chooses no answer; sample with Vote, and compute "
        f"curve(log, {name}(...)) from the log"
    )


def label_of(rule: Rule, k: int | None = None) -> str:
    """Return what a rule is called, with its k or without.

    Examples
    --------
    >>> label_of(Vote(), 8), label_of(WeightedVote()), label_of(BestOfN(), 4)
    ('maj@8', 'weighted maj', 'best-of-4')
    """
    name = rule.label
    if not name.endswith(("@k", "-k")):
        return name
    if k is not None:
        return f"{name[:-1]}{k}"
    return "best" if isinstance(rule, BestOfN) else name[:-2]


def tie_draw(rng: int, dataset: str, question: str) -> int:
    """Return the random number that ties of a question are broken by: 256 bits of a hash.

    Examples
    --------
    >>> tie_draw(0, "gsm8k", "q1") == tie_draw(0, "gsm8k", "q1") != tie_draw(1, "gsm8k", "q1")
    True
    """
    content = "\0".join(("kcurve.ties.v1", str(rng), dataset, question))
    return int.from_bytes(sha256(content.encode()).digest())


def _filtered(
    rule: FilterVote,
    codes: Sequence[int],
    keep: Sequence[bool] | None,
    scores: Sequence[float] | None,
    draw: int,
) -> Decision:
    if rule.threshold is not None and scores is not None:
        # A comparison with NaN is false: a candidate without a score is not kept.
        keep = [score >= rule.threshold for score in scores]
    if keep is None or len(keep) != len(codes):
        given = "none" if keep is None else len(keep)
        raise ArgumentError(
            f"Filter-Vote needs a verdict for each of the {len(codes)} candidates, got {given}"
        )
    kept = [code for code, favourable in zip(codes, keep, strict=True) if favourable]
    return _plurality(kept or codes, rule.ties, rule.no_answer, draw, fell_back=not kept)


def _plurality(
    voters: Sequence[int], ties: Ties, no_answer: NoAnswer, draw: int, *, fell_back: bool = False
) -> Decision:
    counted = [code for code in voters if code != NO_ANSWER or no_answer == "vote"]
    votes = dict(sorted(Counter(counted).items(), key=lambda vote: (-vote[1], vote[0])))
    most = max(votes.values(), default=0)
    leaders = [code for code, count in votes.items() if count == most]
    return Decision(
        _leader(leaders, counted, ties, draw), votes, tied=len(leaders) > 1, fell_back=fell_back
    )


def _weighted(
    rule: WeightedVote, codes: Sequence[int], scores: Sequence[float], draw: int
) -> Decision:
    if rule.no_answer == "drop":
        answered = [number for number, code in enumerate(codes) if code != NO_ANSWER]
        codes, scores = [codes[i] for i in answered], [scores[i] for i in answered]
    claims = weighted_claims(rule, codes, scores)
    counted = [codes[voter] for voter in claims.voters]
    code = _leader(claims.leaders, counted, rule.ties, draw)
    return Decision(code, claims.values, tied=len(claims.leaders) > 1)


def _best(rule: BestOfN, codes: Sequence[int], scores: Sequence[float], draw: int) -> Decision:
    ranking = levels(scores)
    if not ranking:
        return Decision(NO_ANSWER, {})
    votes: dict[int, float] = {}
    for level in ranking:
        for candidate in level:
            if not isnan(scores[candidate]):
                votes.setdefault(codes[candidate], scores[candidate])
    tied = [codes[candidate] for candidate in ranking[0]]
    answers = set(tied)
    if len(answers) == 1 or rule.ties == "first":
        code = tied[0]
    else:
        # A draw among candidates: an answer that several of them share is the likelier one.
        code = tied[draw % len(tied)] if rule.ties == "split" else NO_ANSWER
    return Decision(code, votes, tied=len(answers) > 1)


def _leader(leaders: Sequence[int], counted: Sequence[int], ties: Ties, draw: int) -> int:
    """Return the answer that wins: the only leader, or what the policy makes of a tie."""
    if len(leaders) <= 1:
        return leaders[0] if leaders else NO_ANSWER
    if ties == "split":
        return leaders[draw % len(leaders)]
    return NO_ANSWER if ties == "wrong" else next(code for code in counted if code in leaders)
