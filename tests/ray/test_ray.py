"""Curves of a Ray cluster: `make test-ray`, in an environment of its own."""

from __future__ import annotations

import os
import signal

import pytest
import ray
from tests.distributed_twins import RULES, assert_same_bits, expected, write_log

import kcurve as kc
from kcurve import distributed as kd


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return write_log(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def executor():
    executor = kd.Ray(
        num_cpus=2, include_dashboard=False, logging_level="error", log_to_driver=False
    )
    yield executor
    executor.close()
    assert not ray.is_initialized()


@pytest.mark.parametrize(("rule", "method", "columns"), RULES, ids=repr)
def test_same_bits_as_one_machine(executor, paths, rule, method, columns):
    settings = {"executor": executor, "partitions": 3, "buckets": 5}
    made = kd.curve(paths, rule, method=method, **settings, **columns)
    assert_same_bits(made, expected(paths, rule, method, columns))


def process(_):
    return (os.getpid(),)


def test_killed_workers_change_nothing(executor, paths):
    method = kc.Bootstrap(n_resamples=5_000)
    killed = []

    def kill(done, _):
        if done in {1, 3 + 5 + 1}:
            futures = executor.submit(process, None, pieces=1)
            [(_, worker)] = executor.completed(dict(enumerate(futures)))
            assert worker != os.getpid()
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)

    settings = {"executor": executor, "partitions": 3, "buckets": 5}
    made = kd.curve(paths, method=method, progress=kill, **settings)
    assert len(killed) == 2
    assert_same_bits(made, expected(paths, kc.Vote(), method, {}))


def test_complaints_are_those_of_one_machine(executor, paths):
    with pytest.raises(kc.ArgumentError, match=r"^k must be between 1 and 14"):
        kd.curve(paths, k=99, executor=executor)
