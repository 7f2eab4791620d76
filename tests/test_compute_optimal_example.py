"""The reproduction of both papers: its numbers against slow ones by hand, and all of it once on the tiny reasoners."""

import csv
import subprocess
import sys
from importlib import import_module
from itertools import combinations, pairwise
from math import log
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import kcurve as kc

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "compute_optimal"
PUBLISHED = ROOT / "docs" / "guides" / "compute-optimal-reproduction"
QUESTIONS = ["10+2+3", "50-7+7", "20+5-4+3-2+1", "31+8-9+4+17-3", "12+3+4", "60-8+9-7+3-2"]
PARAMETERS = {"small": 1_000, "large": 10_000, "reward": 5_000}


MODULES = (
    "budgets",
    "claims",
    "live",
    "more_calls",
    "reasoners",
    "results",
    "scale",
    "sizes",
    "tables",
)


@pytest.fixture(scope="module")
def example():
    before = set(sys.modules)
    sys.path.insert(0, str(EXAMPLE))
    try:
        # A folder and no package.
        yield SimpleNamespace(**{name: import_module(name) for name in MODULES})
    finally:
        sys.path.remove(str(EXAMPLE))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(EXAMPLE.parent)):
                del sys.modules[name]


def log_of(name, accuracy, *, samples=8):
    """A log in which the first answers of each question are right, and the rest are spread over two wrong ones."""
    random = np.random.default_rng([len(name), samples])
    rows = []
    for place, question in enumerate(QUESTIONS):
        p = accuracy if place % 3 else 0.3
        for sample in range(samples):
            right = random.random() < p
            rows.append(
                {
                    "question_id": question,
                    "sample_id": sample,
                    "model": name,
                    "answer": "r" if right else str(random.integers(2)),
                    "reference": "r",
                    "score": 0.5 * right + random.random() / 1.5,
                    "tokens_out": int(random.integers(20, 40)),
                }
            )
    return kc.AnswerLog.from_table({key: [row[key] for row in rows] for key in rows[0]})


@pytest.fixture(scope="module")
def results(example):
    searched = [
        example.results.Searched(
            policy, strategy, size, question, (place + size) % 4 > 0, 5, 11 * size
        )
        for policy in ("small", "large")
        for strategy, sizes in (("REBASE", (2, 4)), ("MCTS", (4, 8)))
        for size in sizes
        for place, question in enumerate(QUESTIONS)
    ]
    return example.results.Results(
        logs={"small": log_of("small", 0.6), "large": log_of("large", 0.8)},
        searched=searched,
        parameters=PARAMETERS,
        few=4,
        machine={"date": "", "machine": "", "load": "", "minutes": "", "calls": ""},
    )


def row(rows, *key):
    [found] = [one for one in rows if one[: len(key)] == key]
    return found


def test_results_come_back_from_their_files(example, results, tmp_path):
    results.write(tmp_path)
    back = example.results.read_results(tmp_path)
    assert list(back.logs) == ["small", "large"]
    assert all(back.logs[name] == results.logs[name] for name in back.logs)
    assert back.searched == results.searched
    assert (back.parameters, back.few, back.machine) == (PARAMETERS, 4, results.machine)


def test_flops_are_those_of_the_tokens_written(example, results):
    rows = example.budgets.spendings(results)
    for policy, log_ in results.logs.items():
        tokens = log_.tokens_out.reshape(len(QUESTIONS), -1).mean()
        for k in (1, 2, 4, 8):
            vote = row(rows, policy, "vote", k)
            weighted = row(rows, policy, "weighted vote", k)
            flops = 2 * PARAMETERS[policy] * k * tokens
            assert vote.flops == pytest.approx(flops)
            # A plain vote asks no reward model; the others have it read every token.
            assert vote.flops_with_reward == vote.flops
            judged = flops + 2 * PARAMETERS["reward"] * k * tokens
            assert weighted.flops_with_reward == pytest.approx(judged)
    rebase = row(rows, "large", "REBASE", 4)
    assert rebase.flops == pytest.approx(2 * 10_000 * 44)
    assert rebase.flops_with_reward == pytest.approx(2 * 15_000 * 44)


def test_errors_of_sampling_are_means_over_all_subsets(example, results):
    rows = example.budgets.spendings(results)
    log_ = results.logs["small"]
    correct = log_.correct.reshape(len(QUESTIONS), -1)
    score = log_.score.reshape(len(QUESTIONS), -1)
    best = [
        own[max(subset, key=values.__getitem__)]
        for own, values in zip(correct, score, strict=True)
        for subset in combinations(range(8), 4)
    ]
    assert row(rows, "small", "best-of-n", 4).error == pytest.approx(1 - np.mean(best))
    assert row(rows, "small", "vote", 1).error == pytest.approx(1 - correct.mean())
    for one in rows:
        assert one.low <= one.error <= one.high


def test_errors_of_searches_are_shares(example, results):
    rows = example.budgets.spendings(results)
    assert len(rows) == 2 * (3 * 4 + 4)
    for strategy, sizes in (("REBASE", (2, 4)), ("MCTS", (4, 8))):
        for size in sizes:
            right = [(place + size) % 4 > 0 for place in range(6)]
            assert row(rows, "small", strategy, size).error == pytest.approx(1 - np.mean(right))


def test_an_advantage_is_a_difference_at_equal_flops(example, results):
    table = example.budgets.tabulated(results)
    found = example.budgets.advantage(table, "small", "REBASE", "vote")
    rows = example.budgets.spendings(results)
    line = [(one.flops, 1 - one.error) for one in rows if one[:2] == ("small", "vote")]
    differences = []
    for size in (2, 4):
        own = row(rows, "small", "REBASE", size)
        if not line[0][0] <= own.flops <= line[-1][0]:
            continue
        [(a, low), (b, high)] = next(pair for pair in pairwise(line) if pair[1][0] >= own.flops)
        share = log(own.flops / a) / log(b / a)
        differences.append(1 - own.error - (low + share * (high - low)))
    assert found.sizes == "4"[: len(found.sizes)] or found.sizes == "2 4"
    assert len(found.sizes.split()) == len(differences)
    assert found.difference == pytest.approx(np.mean(differences))
    assert found.low < found.difference < found.high


def test_questions_can_be_chosen(example, results):
    table = example.budgets.tabulated(results, chosen=example.claims.is_short)
    short = [
        question for question in QUESTIONS if len(question.split("+")) <= 3 and len(question) < 8
    ]
    assert sorted(question for _, question in table.question) == sorted(short)
    assert len(example.budgets.tabulated(results).question) == len(QUESTIONS)


def test_the_best_policy_is_the_one_of_least_error_for_the_budget(example, results):
    rows = example.sizes.best_policies(results)
    spent = example.budgets.spendings(results)
    assert {one.strategy for one in rows} == {"vote", "weighted vote", "best-of-n", "REBASE"}
    for one in rows:
        affordable = [
            other
            for other in spent
            if other.strategy == one.strategy and other.flops <= one.flops * (1 + 1e-9)
        ]
        least = min(other.error for other in affordable)
        assert one.error == pytest.approx(least)
        assert one.policy in {o.policy for o in affordable if o.error == pytest.approx(least)}
        assert 0 <= one.probability <= 1
    assert rows[0].policy == "small"  # nothing else is as cheap
    told = {one.strategy: one for one in example.sizes.size_laws(results)}
    for strategy, law in told.items():
        sizes = {one.policy for one in rows if one.strategy == strategy}
        assert np.isnan(law.a) == (len(sizes) < 3)  # two switches make a line


def test_a_law_is_told_by_other_samples(example, results):
    log_ = results.logs["large"]
    later = example.more_calls.later(log_, 4)
    assert later.n_samples.tolist() == [4] * len(QUESTIONS)
    assert later.correct.tolist() == log_.correct.reshape(-1, 8)[:, 4:].ravel().tolist()
    assert later.score.tolist() == log_.score.reshape(-1, 8)[:, 4:].ravel().tolist()
    for place in range(len(QUESTIONS)):
        codes = log_.codes.reshape(-1, 8)[place, 4:]
        own = later.codes.reshape(-1, 4)[place]
        assert (codes[:, None] == codes).tolist() == (own[:, None] == own).tolist()
    found = example.more_calls.optimum(
        log_, kc.Vote(), policy="large", name="Vote", mixture="as asked", few=4
    )
    truth = kc.curve(later, interval=None)
    assert found.best_accuracy == pytest.approx(truth.mean.max())
    for k, regret in (
        (found.law_k, found.law_regret),
        (found.posterior_k, found.posterior_regret),
        (1, found.one_regret),
        (4, found.most_regret),
    ):
        assert regret == pytest.approx(truth.mean.max() - truth.mean[k - 1])


def test_half_of_the_hard_questions_are_left_out(example, results):
    log_ = results.logs["small"]
    hard = int((kc.difficulty(log_).vote > 0).sum())
    parts = example.more_calls.mixtures(log_)
    assert len(parts["as asked"]) == len(QUESTIONS)
    assert len(parts["half of the hard"]) == len(QUESTIONS) - (hard + 1) // 2
    assert hard > 0


def test_verdicts(example):
    verdict = example.claims.verdict
    assert verdict([1, 1]) == "agrees"
    assert verdict([1, 0]) == verdict([1, -1]) == "agrees in part"
    assert verdict([0, 0]) == "open"
    assert verdict([0, -1]) == "disagrees"


def test_tables(example, tmp_path):
    spent = example.budgets.Spent("small", "vote", 2, 0.25, 0.1, 1 / 3, 2e6, 2e6)
    example.tables.write_csv([spent], tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8") as file:
        [back] = csv.DictReader(file)
    assert back["policy"] == "small"
    assert float(back["high"]) == pytest.approx(1 / 3, abs=1e-5)
    assert example.tables.markdown(["a", "b"], [[1, "x"]]) == "| a | b |\n|---|---|\n| 1 | x |"


def published(name):
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same(written, found):
    """Whether a row of a table is this one, to the digits that are written."""
    return all(
        float(cell) == pytest.approx(value, rel=1e-4, abs=1e-6, nan_ok=True)
        if isinstance(value, float)
        else cell == str(value)
        for cell, value in zip(written.values(), found, strict=True)
    )


def test_what_is_published_follows_from_the_answers_beside_it(example):
    results = example.results.read_results(PUBLISHED)
    compared = example.claims.advantages(results)
    laws = example.sizes.size_laws(results)
    for name, rows in {
        "points": example.budgets.spendings(results),
        "equal-flops": compared,
        "size-laws": laws,
        "laws": example.more_calls.law_fits(results),
    }.items():
        written = published(name)
        assert len(written) == len(rows) > 0
        assert all(map(same, written, rows)), name
    page = (PUBLISHED / "README.md").read_text(encoding="utf-8")
    claims = [
        *example.claims.of_second_paper(results, compared),
        *example.sizes.of_second_paper(results, laws),
    ]
    assert len(claims) > 6
    for claim in claims:
        assert f"| {claim.says} | {claim.found} | **{claim.verdict}** |" in page


def run(*arguments):
    command = [sys.executable, EXAMPLE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_all_of_it_runs_and_runs_on(example, tmp_path):
    folder, store = tmp_path / "out", tmp_path / "store.db"
    run(folder, "--smallest", "--store", store)
    page = (folder / "README.md").read_text(encoding="utf-8")
    figures = sorted(path.name for path in folder.glob("*.png"))
    assert figures
    for name in figures:
        assert f"({name})" in page
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            assert list(csv.DictReader(file)), path
    first = example.results.read_results(folder)
    assert len(first.logs) >= 3
    assert all((log_.n_samples == 8).all() for log_ in first.logs.values())
    # What is in the store is not asked for again, and brings the same.
    scale = example.scale.SMALLEST
    questions = example.reasoners.tiny_questions(scale.questions)
    logs, searched, calls = example.live.asked(
        example.reasoners.tiny_family(), questions, scale, store
    )
    assert calls == 0
    assert searched == first.searched
    assert all(logs[name] == first.logs[name] for name in first.logs)
