"""Ctrl-C stops a long curve at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

# Every k up to 20,000 of 400 questions with 60 answers: minutes of work on any machine of today.
PROGRAM = """
import numpy as np
import kcurve as kc

codes = np.random.default_rng(0).zipf(1.3, (400, 2_000)).clip(max=60) - 1
log = kc.AnswerLog.from_codes(codes, correct=np.zeros(400, dtype=np.int64))
print("ready", flush=True)
try:
    kc.curve(log, kc.{rule}, k=range({least}, 20_001, 2), method=kc.Exact(replacement=True), threads={threads})
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("finished", flush=True)
"""


BOOTSTRAP = """
import numpy as np
import kcurve as kc

codes = np.random.default_rng(0).integers(0, 60, (400, 2_000))
log = kc.AnswerLog.from_codes(codes, correct=np.zeros(400, dtype=np.int64), score=codes * 1.0)
print("ready", flush=True)
try:
    kc.curve(log, kc.{rule}, k=[1, 100_000], method=kc.Bootstrap(n_resamples=100_000))
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("finished", flush=True)
"""


KNOWN_PROBABILITIES = """
import numpy as np
from kcurve.theory import vote_accuracy

p = np.random.default_rng(0).dirichlet(np.full(60, 0.5), 400)
print("ready", flush=True)
try:
    vote_accuracy(p, np.arange(1, 20_001, 2))
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("finished", flush=True)
"""


PREDICTION = """
import numpy as np
import kcurve as kc

codes = np.random.default_rng(0).integers(0, 60, (2_000, 20))
log = kc.AnswerLog.from_codes(codes, correct=np.zeros(2_000, dtype=np.int64), score=codes * 1.0)
posterior = kc.Posterior(log, draws=100_000)
print("ready", flush=True)
try:
    posterior.predict(range(2, 100), rule=kc.{rule})
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("finished", flush=True)
"""


SIMULATED_SEARCHES = """
from kcurve.search import MCTS, Limits, Rebase
from kcurve.simulate import StepWorld

world = StepWorld(steps=50)
print("ready", flush=True)
try:
    world.searched({search}, questions={questions})
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("finished", flush=True)
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("rule", "least"), [("Vote()", 1), ("Vote(ties='wrong')", 1)])
def test_ctrl_c_ends_a_long_curve_within_a_second(rule: str, least: int, threads: int) -> None:
    interrupt(PROGRAM.format(rule=rule, least=least, threads=threads))


@pytest.mark.parametrize("rule", ["WeightedVote()", "WeightedVote(top=0.5)", "BestOfN()", "Vote()"])
def test_ctrl_c_ends_a_long_bootstrap_within_a_second(rule: str) -> None:
    interrupt(BOOTSTRAP.format(rule=rule))


def test_ctrl_c_ends_a_vote_of_probabilities_within_a_second() -> None:
    interrupt(KNOWN_PROBABILITIES)


@pytest.mark.parametrize("rule", ["Vote()", "BestOfN()", "PassAtK()"])
def test_ctrl_c_ends_a_long_prediction_within_a_second(rule: str) -> None:
    interrupt(PREDICTION.format(rule=rule))


@pytest.mark.parametrize(
    ("search", "questions"),
    [("Rebase(64, limits=Limits(depth=50))", 1_000_000), ("MCTS(10_000_000)", 1)],
    ids=["many searches", "one long search"],
)
def test_ctrl_c_ends_simulated_searches_within_a_second(search: str, questions: int) -> None:
    interrupt(SIMULATED_SEARCHES.format(search=search, questions=questions))


def interrupt(program: str) -> None:
    """Run a program, send Ctrl-C when it is at work, and see that it ends at once."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.7)  # well inside the computation
            sent = time.monotonic()
            child.send_signal(signal.SIGINT)
            assert child.stdout.readline() == "interrupted\n"
            assert time.monotonic() - sent < 1.0
        finally:
            child.kill()
