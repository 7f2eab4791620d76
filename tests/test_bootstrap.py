"""Bootstrap curves: same seed, same bits; extension; what is refused; the pinned values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

import kcurve as kc
from tests.logs import log_of
from tests.random_logs import random_questions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.oracles.samples import Sample

RULES = {
    "vote": kc.Vote(),
    "vote-wrong": kc.Vote(ties="wrong", no_answer="vote"),
    "filter-vote": kc.FilterVote(),
    "weighted-sum": kc.WeightedVote(),
    "weighted-mean": kc.WeightedVote(weight="mean", temperature=0.7, ties="first"),
    "weighted-top": kc.WeightedVote(top=0.3, power=2),
    "borda": kc.WeightedVote(weight="borda", power=0.5),
    "best-of-n": kc.BestOfN(),
    "pass": kc.PassAtK(),
    "g-pass": kc.GPassAtK(0.5),
    "mean": kc.MeanAtK(),
}
KINDS = ("combined", "run_to_run", "fresh_run")
GRID = [2, 3, 5, 6, 40, 700]


def some_questions() -> list[list[Sample]]:
    """Few and many answers, so that every way of drawing is used."""
    return [samples for seed in range(4) for samples in random_questions(seed)]


def bits(curve: kc.Curve) -> list[bytes]:
    """Everything a curve is, but for the order of its questions."""
    names = list(curve.log.question)
    order = np.argsort(names)
    arrays = [curve.mean, curve.low, curve.high, curve.per_question[order]]
    arrays += [curve.replicates(kind) for kind in KINDS]
    return [array.tobytes() for array in arrays]


def bootstrap(log: kc.AnswerLog | kc.TalliedLog, rule: object, **settings: object) -> kc.Curve:
    """Return a small bootstrapped curve."""
    options = {"n_resamples": 300, "rng": 2026} | settings
    threads = options.pop("threads", None)
    k = options.pop("k", GRID)
    return kc.curve(log, rule, k=k, method=kc.Bootstrap(**options), threads=threads)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_number_of_threads_never_changes_a_bit(rule: object) -> None:
    log = log_of(some_questions())
    one = bits(bootstrap(log, rule, threads=1))
    assert bits(bootstrap(log, rule, threads=2)) == one
    assert bits(bootstrap(log, rule, threads=5)) == one


def named_log(questions: Sequence[Sequence[Sample]], names: Sequence[str]) -> kc.AnswerLog:
    """Return the log of these questions under their own names."""
    return kc.AnswerLog.from_codes(
        [[-1 if s.answer is None else s.answer for s in samples] for samples in questions],
        correct=[[s.correct for s in samples] for samples in questions],
        question=names,
        score=[[np.nan if s.score is None else s.score for s in samples] for samples in questions],
        keep=[[s.keep for s in samples] for samples in questions],
    )


@pytest.mark.parametrize("replacement", [True, False], ids=["with", "without"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_neither_the_order_of_questions_nor_of_samples_changes_a_bit(
    rule: object, *, replacement: bool
) -> None:
    questions = some_questions()
    names = [f"q{i}" for i in range(len(questions))]
    k = GRID if replacement else [2, 3, 6]
    straight = bits(bootstrap(named_log(questions, names), rule, replacement=replacement, k=k))
    rng = np.random.default_rng(0)
    order = rng.permutation(len(questions))
    shuffled = [[questions[i][j] for j in rng.permutation(len(questions[i]))] for i in order]
    log = named_log(shuffled, [names[i] for i in order])
    assert bits(bootstrap(log, rule, replacement=replacement, k=k)) == straight


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_tallied_log_has_the_bits_of_the_log_itself(rule: object, tmp_path: Path) -> None:
    log = log_of(some_questions())
    path = log.to_parquet(tmp_path / "log.parquet")
    tallied = kc.scan_log(path, score="score")
    assert bits(bootstrap(tallied, rule)) == bits(bootstrap(log, rule))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_extending_is_asking_for_all_at_once(rule: object) -> None:
    log = log_of(some_questions())
    whole = bits(bootstrap(log, rule, n_resamples=700))
    parts = bootstrap(log, rule, n_resamples=100)
    before = bits(parts)
    extended = parts.extend(n_resamples=412).extend(n_resamples=188)
    assert bits(extended) == whole
    assert extended.method == kc.Bootstrap(n_resamples=700, rng=2026)
    assert bits(parts) == before


def test_a_question_is_drawn_alike_in_any_company() -> None:
    questions = some_questions()
    names = [f"q{i}" for i in range(len(questions))]
    together = bootstrap(named_log(questions, names), kc.Vote())
    for i in (0, 7):
        alone = bootstrap(named_log(questions[i : i + 1], names[i : i + 1]), kc.Vote())
        np.testing.assert_array_equal(alone.per_question[0], together.per_question[i])


def test_another_seed_is_another_curve() -> None:
    log = log_of(some_questions())
    first, second = (bootstrap(log, kc.Vote(), rng=seed) for seed in (0, 2**64 - 1))
    assert (first.replicates("run_to_run") != second.replicates("run_to_run")).any()


def test_clusters_are_resampled_whole() -> None:
    questions = some_questions()
    everyone = ["all"] * len(questions)
    two = ["a"] + ["b"] * (len(questions) - 1)
    assert np.isnan(bootstrap(log_of(questions, clusters=everyone), kc.PassAtK()).low).all()
    curve = bootstrap(log_of(questions, clusters=two), kc.PassAtK(), k=[2])
    scores = curve.per_question[:, 0]
    values = curve.replicates("combined")[:, 0]
    # Resamples of only one cluster have its mean.
    for mean in (scores[0], scores[1:].mean()):
        assert np.isclose(values, mean, atol=1e-8).any()
    per_question = bootstrap(log_of(questions, models=["m"] * len(questions)), kc.PassAtK(), k=[2])
    assert values.std() != per_question.replicates("combined").std()


def test_the_intervals_are_nested_as_their_names_say() -> None:
    curve = kc.curve(kc.example_log(), k=[1, 5, 25], method=kc.Bootstrap(n_resamples=1024))
    simultaneous = curve.band(simultaneous=True)
    assert (simultaneous.low <= curve.low).all()
    assert (simultaneous.high >= curve.high).all()
    fresh, run = curve.band("fresh_run"), curve.band("run_to_run")
    assert (fresh.high - fresh.low > curve.high - curve.low).all()
    assert (curve.high - curve.low > run.high - run.low).all()
    values = curve.replicates("combined")
    inside = ((values >= simultaneous.low) & (values <= simultaneous.high)).all(axis=1).mean()
    assert 0.93 < inside < 0.97


@pytest.mark.parametrize("limits", ["percentile", "basic", "bca", "studentised"])
def test_limits_are_near_the_exact_band(limits: str) -> None:
    log = kc.example_log()
    method = kc.Bootstrap(n_resamples=2048, limits=limits)  # type: ignore[arg-type]
    curve = kc.curve(log, k=[1, 9], method=method)
    exact = kc.curve(log, k=[1, 9], method=kc.Exact(replacement=True))
    np.testing.assert_allclose(curve.low, exact.low, atol=0.004)
    np.testing.assert_allclose(curve.high, exact.high, atol=0.004)


def test_questions_that_agree_leave_nothing_to_resample() -> None:
    log = kc.AnswerLog.from_codes([[0, 0, 0]] * 5, correct=[0] * 5)
    for limits in ("percentile", "basic", "bca", "studentised"):
        curve = bootstrap(log, kc.Vote(), limits=limits, k=[1, 3])
        assert curve.low.tolist() == curve.high.tolist() == [1.0, 1.0]


def test_what_cannot_be_had_is_refused() -> None:
    log = log_of(some_questions())
    with pytest.raises(kc.ArgumentError, match="no closed form"):
        kc.curve(log, kc.WeightedVote(), k=[1], method=kc.Exact())
    with pytest.raises(kc.ArgumentError, match="only a bootstrapped curve has replicates"):
        kc.curve(log, k=[1]).extend(n_resamples=10)
    with pytest.raises(kc.ArgumentError, match='no interval "estimation"'):
        bootstrap(log, kc.Vote()).band("estimation")
    with pytest.raises(kc.ArgumentError, match="rng must be an integer from 0"):
        kc.Bootstrap(rng=-1)
    with pytest.raises(kc.ArgumentError, match="n_resamples must be an integer of at least 1"):
        kc.Bootstrap(n_resamples=0)
    with pytest.raises(kc.ArgumentError, match="temperature replaces power"):
        kc.WeightedVote(temperature=1.0, power=2)
    with pytest.raises(kc.ArgumentError, match="k must be between 1 and"):
        bootstrap(log, kc.Vote(), replacement=False, k=[100_000])
    with pytest.raises(kc.ArgumentError, match="at most 4194304 draws"):
        bootstrap(log, kc.WeightedVote(), k=[2**23])
    negative = kc.AnswerLog.from_codes([[0, 1]], correct=[0], score=[[-1.0, 2.0]])
    with pytest.raises(kc.LogError, match=r'question "0" has a sample with the score -1.0'):
        bootstrap(negative, kc.WeightedVote(power=0.5))
    with pytest.raises(kc.errors.MissingColumnError, match="needs a score column"):
        bootstrap(kc.example_log(), kc.WeightedVote())


def test_progress_ends_at_the_number_of_questions() -> None:
    seen: list[tuple[int, int]] = []
    log = log_of(some_questions())
    kc.curve(
        log,
        k=[1, 2],
        method=kc.Bootstrap(n_resamples=1000),
        progress=lambda *done: seen.append(done),
    )
    assert seen[-1] == (log.n_questions, log.n_questions)


PINNED = {
    "vote": "33a38b0961149a28",
    "vote-wrong": "a90b3129d046a4c0",
    "filter-vote": "622fe3f0c1b8a220",
    "weighted-sum": "4b0407f3097b4f93",
    "weighted-mean": "8c5dd724973db339",
    "weighted-top": "80fa0bd6e385ac96",
    "borda": "edec3b3e2736f02d",
    "best-of-n": "13cfac3e3a9859d3",
    "pass": "6cd1929eba93aa19",
    "g-pass": "895377cedbe58f34",
    "mean": "8658af0b49866cbb",
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_bits_of_a_seed_never_change(rule: object, request: pytest.FixtureRequest) -> None:
    """A change here changes the results users have published: it needs a changelog line."""
    name = request.node.callspec.id
    curve = bootstrap(log_of(some_questions()), rule)
    sums = [curve.replicates(kind) for kind in ("run_to_run", "fresh_run")]
    digest = hashlib.sha256(b"".join(values.tobytes() for values in sums)).hexdigest()[:16]
    assert digest == PINNED[name]
