"""Every rule, tie policy, no-answer policy and design, against enumeration in exact fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given

import kcurve as kc
from tests.closeness import assert_close, assert_variance_close
from tests.logs import log_of
from tests.oracles.expectation import curve, jackknife_variance
from tests.properties.strategies import logs
from tests.twins import EVERY_NAME, TWINS

if TYPE_CHECKING:
    from tests.oracles.samples import Sample


def calls_to_try(name: str, questions: list[list[Sample]], *, replacement: bool) -> list[int]:
    """Return every k the log allows; with replacement, some beyond it."""
    twin = TWINS[name]
    most = min(len(twin.oracle.pool(samples)) for samples in questions)
    if replacement:
        return [k for k in (1, 2, 3, 4, 7) if k >= twin.least_k]
    return list(range(twin.least_k, most + 1))


@pytest.mark.parametrize("replacement", [False, True], ids=["without", "with"])
@pytest.mark.parametrize("name", EVERY_NAME)
@given(questions=logs(answered=True))
def test_curve_equals_enumeration(
    name: str, questions: list[list[Sample]], *, replacement: bool
) -> None:
    twin = TWINS[name]
    ks = calls_to_try(name, questions, replacement=replacement)
    assume(ks)
    got = kc.curve(
        log_of(questions), twin.rule, k=ks, method=kc.Exact(replacement=replacement), interval=None
    )
    exact = [curve(twin.oracle, samples, ks, replacement=replacement) for samples in questions]
    assert_close(got.per_question, [value for row in exact for value in row])
    assert_close(got.mean, [sum(column) / len(exact) for column in zip(*exact, strict=True)])


@pytest.mark.parametrize("replacement", [False, True], ids=["without", "with"])
@pytest.mark.parametrize(
    "name", [name for name in EVERY_NAME if not name.startswith(("vote", "filter"))]
)
@given(questions=logs(silent_passes=True))
def test_a_sample_may_pass_without_an_answer(
    name: str, questions: list[list[Sample]], *, replacement: bool
) -> None:
    twin, k = TWINS[name], 2 if min(map(len, questions)) > 1 else 1
    got = kc.curve(
        log_of(questions), twin.rule, k=k, method=kc.Exact(replacement=replacement), interval=None
    )
    exact = [curve(twin.oracle, samples, [k], replacement=replacement)[0] for samples in questions]
    assert_close(got.per_question, exact)


@pytest.mark.parametrize("replacement", [False, True], ids=["without", "with"])
@pytest.mark.parametrize("name", EVERY_NAME)
@given(questions=logs(answered=True, most=5, most_questions=2))
def test_variance_equals_deleting_each_sample(
    name: str, questions: list[list[Sample]], *, replacement: bool
) -> None:
    twin = TWINS[name]
    ks = calls_to_try(name, questions, replacement=replacement)[:4]
    assume(ks)
    method = kc.Exact(replacement=replacement)
    got = kc.curve(log_of(questions), twin.rule, k=ks, method=method, interval=None).variance
    assert got.shape == (len(questions), len(ks))
    for q, samples in enumerate(questions):
        for i, k in enumerate(ks):
            exact = jackknife_variance(twin.oracle, samples, k, replacement=replacement)
            if exact is None:
                assert np.isnan(got[q, i])
            else:
                assert_variance_close(got[q, i], exact, len(samples))
