"""Verifiers, slowly: every pair of samples compared, every subset of samples drawn.

A question is a list of (score, right); a log is a list of questions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, pairwise, product
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Scored = tuple[float, bool]
Question = "Sequence[Scored]"


def wins(right: float, wrong: float) -> Fraction:
    """Return 1 if the right sample has the higher score, 1/2 if they are level."""
    return Fraction(1, 2) if right == wrong else Fraction(right > wrong)


def auc(samples: Sequence[Scored]) -> Fraction | None:
    """Return the mean win over all pairs of a right and a wrong sample; None without one."""
    pairs = [wins(a, b) for a, right in samples for b, other in samples if right and not other]
    return sum(pairs, Fraction(0)) / len(pairs) if pairs else None


def pooled_auc(questions: Sequence[Sequence[Scored]]) -> Fraction | None:
    """Return the area of all samples in one pool."""
    return auc([sample for question in questions for sample in question])


def within_auc(questions: Sequence[Sequence[Scored]]) -> Fraction | None:
    """Return the mean of the areas of the questions that have one."""
    areas = [area for question in questions if (area := auc(question)) is not None]
    return sum(areas, Fraction(0)) / len(areas) if areas else None


def clustered_variance(questions: Sequence[Sequence[Scored]]) -> float:
    """Return Obuchowski's variance of the pooled area, every question with samples of both kinds."""
    pool = [sample for question in questions for sample in question]
    rights, wrongs = [s for s, r in pool if r], [s for s, r in pool if not r]
    area = float(pooled_auc(questions) or 0)
    units = len(questions)
    x, y = [], []
    for question in questions:
        own_right = [float(sum(wins(s, w) for w in wrongs)) / len(wrongs) for s, r in question if r]
        own_wrong = [
            float(sum(wins(r, s) for r in rights)) / len(rights) for s, r in question if not r
        ]
        x.append(sum(own_right) - len(own_right) * area)
        y.append(sum(own_wrong) - len(own_wrong) * area)
    m, n = len(rights), len(wrongs)
    s10 = units / ((units - 1) * m) * sum(a * a for a in x)
    s01 = units / ((units - 1) * n) * sum(b * b for b in y)
    s11 = units / (units - 1) * sum(a * b for a, b in zip(x, y, strict=True))
    return s10 / m + s01 / n + 2 * s11 / (m * n)


def rates(
    samples: Sequence[Scored], threshold: float
) -> tuple[Fraction, Fraction, Fraction | None]:
    """Return true positive rate, false positive rate and precision at a threshold."""
    rights, wrongs = [s for s, r in samples if r], [s for s, r in samples if not r]
    tp, fp = sum(s >= threshold for s in rights), sum(s >= threshold for s in wrongs)
    precision = Fraction(tp, tp + fp) if tp + fp else None
    return Fraction(tp, len(rights)), Fraction(fp, len(wrongs)), precision


def tpr_at(samples: Sequence[Scored], fpr: Fraction) -> Fraction:
    """Return the true positive rate of one question at a false positive rate, the highest there is.

    Between two thresholds the curve is straight.
    """
    points = [(Fraction(0), Fraction(0))]
    for threshold in sorted({s for s, _ in samples}, reverse=True):
        tpr, rate, _ = rates(samples, threshold)
        points.append((rate, tpr))
    best = Fraction(0)
    for (f0, t0), (f1, t1) in pairwise(points):
        if f0 <= fpr <= f1:
            best = max(best, t1 if f0 == f1 else t0 + (t1 - t0) * (fpr - f0) / (f1 - f0))
    return best


def bins(samples: Sequence[Scored], number: int) -> list[list[Scored]]:
    """Return bins of equal counts: a score goes where the middle of its ties falls."""
    found: dict[int, list[Scored]] = {}
    for score, right in sorted(samples):
        below = sum(s < score for s, _ in samples)
        ties = sum(s == score for s, _ in samples)
        place = math.floor(Fraction(number) * (below + Fraction(ties, 2)) / len(samples))
        found.setdefault(place, []).append((score, right))
    return [found[place] for place in sorted(found)]


def calibration_error(samples: Sequence[Scored], number: int) -> float:
    """Return the expected calibration error."""
    total = 0.0
    for each in bins(samples, number):
        gap = math.fsum(score for score, _ in each) - sum(right for _, right in each)
        total += abs(gap)
    return total / len(samples)


def brier(samples: Sequence[Scored]) -> float:
    """Return the mean square of score less correctness."""
    return math.fsum((score - right) ** 2 for score, right in samples) / len(samples)


def brier_parts(samples: Sequence[Scored], number: int) -> tuple[float, float, float, float]:
    """Return reliability, resolution, uncertainty and what scores within bins add."""
    n = len(samples)
    base = sum(right for _, right in samples) / n
    reliability = resolution = within = 0.0
    for each in bins(samples, number):
        size = len(each)
        score = math.fsum(s for s, _ in each) / size
        hit = sum(r for _, r in each) / size
        reliability += size * (score - hit) ** 2 / n
        resolution += size * (hit - base) ** 2 / n
        within += math.fsum((s - score) ** 2 - 2 * (s - score) * (r - hit) for s, r in each) / n
    return reliability, resolution, base * (1 - base), within


def log_loss(samples: Sequence[Scored]) -> float:
    """Return the mean of -log of the chance given to what happened."""
    return -math.fsum(math.log(s if r else 1 - s) for s, r in samples) / len(samples)


def best_of(drawn: Sequence[Scored]) -> tuple[float, Fraction]:
    """Return the highest score, and the share of the samples that have it that is right."""
    top = max(score for score, _ in drawn)
    tied = [right for score, right in drawn if score == top]
    return top, Fraction(sum(tied), len(tied))


def best_of_n(
    samples: Sequence[Scored], k: int, *, replacement: bool = False
) -> tuple[float, Fraction]:
    """Return the mean of `best_of` over every draw of k."""
    draws = list(product(samples, repeat=k) if replacement else combinations(samples, k))
    found = [best_of(draw) for draw in draws]
    return (
        math.fsum(score for score, _ in found) / len(draws),
        sum((right for _, right in found), Fraction(0)) / len(draws),
    )


def top_share(samples: Sequence[Scored], share: Fraction) -> tuple[Fraction, Fraction]:
    """Return right and wrong samples in the top share; a tie at its edge is in it in part."""
    room = share * len(samples)
    right = wrong = Fraction(0)
    for score in sorted({s for s, _ in samples}, reverse=True):
        tied = [r for s, r in samples if s == score]
        part = min(Fraction(1), room / len(tied))
        right += part * sum(tied)
        wrong += part * (len(tied) - sum(tied))
        room -= part * len(tied)
    return right, wrong


def stratified_ratio(questions: Sequence[Sequence[Scored]], share: Fraction) -> Fraction | None:
    """Return Mantel and Haenszel's ratio of right and wrong samples in the top share."""
    above = below = Fraction(0)
    for question in questions:
        a, b = top_share(question, share)
        right = sum(r for _, r in question)
        above += a * (len(question) - right) / len(question)
        below += b * right / len(question)
    return above / below if below else None


def drawn_best_of_n(p: float, k: int, *, auc: float, spread: float, runs: int, seed: int) -> float:
    """Return how often the best of k normal scores is a right sample's, the shift drawn anew each time."""
    rng = np.random.default_rng(seed)
    mean = NormalDist().inv_cdf(auc) * math.sqrt(2 + spread**2)
    hits = 0
    for _ in range(runs):
        right = rng.random(k) < p
        scores = rng.standard_normal(k) + right * (mean + spread * rng.standard_normal())
        hits += bool(right[scores.argmax()])
    return hits / runs
