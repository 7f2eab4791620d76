"""Logs made of counts, for laws that depend on nothing else."""

from __future__ import annotations

import numpy as np

import kcurve as kc


def counted(correct, samples):
    """A log with these counts, all wrong answers alike."""
    codes = [[0] * c + [1] * (n - c) for c, n in zip(correct, samples, strict=True)]
    return kc.AnswerLog.from_codes(codes, correct=np.zeros(len(codes), int))


def drawn(p, rng, least=5, most=30):
    """Counts of questions with chances p, and unequal numbers of samples."""
    samples = rng.integers(least, most + 1, len(p))
    return rng.binomial(samples, p), samples
