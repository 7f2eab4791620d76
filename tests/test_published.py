"""The papers' tables: every digit is there, and what recomputes does."""

from decimal import ROUND_HALF_UP, Decimal
from math import erfc, isnan, sqrt
from statistics import NormalDist

import pyarrow as pa
import pytest

from kcurve import published
from kcurve.errors import ArgumentError
from kcurve.published import rows
from tests.oracles import published as plain

Z = NormalDist().inv_cdf(0.975)


def one(**wanted):
    (row,) = rows(**wanted)
    return row


def printed(value, text):
    """Whether a number prints as a text, in its unit and with its digits."""
    number = Decimal(text)
    places = Decimal(1).scaleb(number.as_tuple().exponent)
    return Decimal(value).quantize(places, ROUND_HALF_UP) == number


# Table 1: samples, FLOPs in 1e14, accuracy.
TABLE_1 = {
    ("Mistral-7B", "sampling"): (256, "8.70", "42.8"),
    ("Mistral-7B", "REBASE"): (32, "1.36", "45.0"),
    ("Llemma-7B", "sampling"): (256, "10.0", "45.5"),
    ("Llemma-7B", "REBASE"): (32, "1.48", "46.8"),
    ("Llemma-34B", "sampling"): (64, "12.1", "46.7"),
    ("Llemma-34B", "REBASE"): (32, "7.08", "49.2"),
}
# Table 4: samples, FLOPs in 1e12 on MATH500 and GSM8K, and accuracies: none, or majority, best of n, weighted.
TABLE_4 = {
    ("Mistral-7B", "greedy"): (1, "3.4", "2.3", ["28.6/77.9"]),
    ("Mistral-7B", "sampling"): (32, "109.2", "72.6", ["36.1/85.7", "40.3/89.4", "39.7/89.1"]),
    ("Mistral-7B", "REBASE"): (32, "136.2", "78.9", ["44.1/88.8", "45.4/89.4", "45.0/89.8"]),
    ("Llemma-7B", "greedy"): (1, "3.92", "2.3", ["30.0/68.5"]),
    ("Llemma-7B", "sampling"): (32, "125.4", "73.9", ["41.0/80.0", "41.7/85.6", "43.5/85.4"]),
    ("Llemma-7B", "REBASE"): (32, "148.0", "82.6", ["46.1/86.1", "44.1/86.9", "46.8/87.3"]),
    ("Llama3-8B-Instruct", "greedy"): (1, "3.84", "2.28", ["29.6/79.0"]),
    ("Llama3-8B-Instruct", "sampling"): (
        32,
        "122.9",
        "73.2",
        ["35.4/84.6", "39.7/88.5", "39.5/88.6"],
    ),
    ("Llama3-8B-Instruct", "REBASE"): (
        32,
        "172.8",
        "79.3",
        ["45.2/88.3", "45.5/88.7", "43.7/89.1"],
    ),
    ("Llemma-34B", "greedy"): (1, "19.0", "11.2", ["33.0/78.4"]),
    ("Llemma-34B", "sampling"): (8, "152.3", "89.7", ["39.9/84.3", "40.4/86.7", "41.0/86.0"]),
    ("Llemma-34B", "REBASE"): (8, "176.8", "98.7", ["43.9/86.1", "43.6/86.9", "42.9/86.9"]),
}
# Table 3: samples; FLOPs in 1e12 and share solved of sampling, then of REBASE.
TABLE_3 = {
    8: ("8", "63", "8.3", "69.6"),
    16: ("16", "69.4", "17.5", "72.4"),
    32: ("32", "72.4", "34.9", "75.8"),
    64: ("64", "79", "69.2", "81.4"),
}
# Tokens of a sample that sources of the tables give, with the row that implies them.
IMPLIED = [
    ("279.9", {"table": "T4", "model": "Llemma-7B", "dataset": "MATH500", "rule": "majority"}),
    ("280.0", {"table": "T4", "model": "Llemma-34B", "dataset": "MATH500", "rule": "majority"}),
    ("165.0", {"table": "T4", "model": "Llemma-7B", "dataset": "GSM8K", "rule": "majority"}),
    ("164.9", {"table": "T4", "model": "Llemma-34B", "dataset": "GSM8K", "rule": "majority"}),
    (
        "240.0",
        {"table": "T4", "model": "Llama3-8B-Instruct", "dataset": "MATH500", "rule": "majority"},
    ),
    ("235", {"table": "T1", "model": "Mistral-7B"}),
    ("62.5", {"table": "T3", "n": 8}),
    ("62.5", {"table": "T3", "n": 64}),
]
IMPLIED_SEARCH = [
    ("330.4", {"table": "T4", "model": "Llemma-7B", "dataset": "MATH500", "rule": "majority"}),
    ("325.0", {"table": "T4", "model": "Llemma-34B", "dataset": "MATH500", "rule": "majority"}),
    (
        "337.5",
        {"table": "T4", "model": "Llama3-8B-Instruct", "dataset": "MATH500", "rule": "majority"},
    ),
    ("294", {"table": "T4", "model": "Mistral-7B", "dataset": "MATH500", "rule": "majority"}),
]


@pytest.mark.parametrize(("model", "method"), TABLE_1)
def test_table_1_is_as_printed(model, method):
    n, flops, accuracy = TABLE_1[model, method]
    row = one(table="T1", model=model, method=method)
    assert (row.n, row.dataset, row.rule) == (n, "MATH500", "weighted")
    assert row.flops == float(flops + "e14")
    assert row.accuracy == float(Decimal(accuracy) / 100)


@pytest.mark.parametrize(("model", "method"), TABLE_4)
def test_table_4_is_as_printed(model, method):
    n, *flops, accuracies = TABLE_4[model, method]
    rules = ["none"] if method == "greedy" else ["majority", "best_of_n", "weighted"]
    for place, dataset in enumerate(("MATH500", "GSM8K")):
        for rule, accuracy in zip(rules, accuracies, strict=True):
            row = one(table="T4", model=model, method=method, dataset=dataset, rule=rule)
            assert row.n == n
            assert row.flops == float(flops[place] + "e12")
            assert row.accuracy == float(Decimal(accuracy.split("/")[place]) / 100)
    assert len(rows(table="T4", model=model, method=method)) == 2 * len(rules)


@pytest.mark.parametrize("n", TABLE_3)
def test_table_3_is_as_printed(n):
    numbers = TABLE_3[n]
    for place, method in enumerate(("sampling", "REBASE")):
        row = one(table="T3", n=n, method=method)
        assert row.flops == float(numbers[2 * place] + "e12")
        assert row.accuracy == float(Decimal(numbers[2 * place + 1]) / 100)


def test_no_row_is_missing_or_there_twice():
    found = rows()
    assert len({row.key for row in found}) == len(found) == 118
    assert [len(rows(table=table)) for table in ("T1", "T3", "T4", "text", "live", "F1")] == [
        6,
        8,
        56,
        4,
        5,
        39,
    ]


def test_every_row_says_where_it_is_from_and_how_exact_it_is():
    for row in rows():
        assert row.source.startswith(published.PAPERS[row.paper])
        assert row.accuracy_rounding > 0
        assert 0 < row.accuracy < 1
        assert (row.flops is None) == (row.flops_rounding == 0)
    assert {row.certainty for row in rows(table="F1")} == {"digitised"}
    assert one(table="T3", n=8, method="REBASE").flops_rounding == pytest.approx(0.05e12)
    assert one(table="T4", model="Llemma-34B", dataset="GSM8K", method="greedy").flops_rounding == (
        pytest.approx(0.05e12)
    )


@pytest.mark.parametrize(
    ("text", "row"),
    [
        *((text, one(**wanted, method="sampling")) for text, wanted in IMPLIED),
        *((text, one(**wanted, method="REBASE")) for text, wanted in IMPLIED_SEARCH),
    ],
    ids=lambda value: getattr(value, "key", value),
)
def test_tokens_and_flops_imply_each_other_to_the_printed_digits(text, row):
    implied = published.implied_tokens(row)
    assert printed(implied.value, text)
    assert implied.low < implied.value < implied.high
    # The rounded number of tokens prints as the FLOPs, unless it was rounded more coarsely than they.
    exact = float(plain.flops(int(row.parameters), text, row.n))
    assert published.flops(row, tokens=float(text)) == pytest.approx(exact, rel=1e-14)
    if "." in text or text == "294":
        assert abs(exact - row.flops) <= row.flops_rounding


def test_models_of_one_family_take_the_same_tokens_within_rounding():
    for dataset in ("MATH500", "GSM8K"):
        small, large = (
            published.implied_tokens(
                one(table="T4", model=model, dataset=dataset, method="sampling", rule="majority")
            )
            for model in ("Llemma-7B", "Llemma-34B")
        )
        assert small.low <= large.high
        assert large.low <= small.high


def test_all_flops_recompute_but_seven_and_those_say_why():
    table = published.recomputed()
    assert len(table) == 70
    assert {each.row.key for each in table.disagreements} == {
        "T1/Mistral-7B/MATH500/sampling/weighted/256",
        "T1/Llemma-34B/MATH500/sampling/weighted/64",
        "T1/Llemma-34B/MATH500/REBASE/weighted/32",
        "T4/Llama3-8B-Instruct/GSM8K/greedy/none/1",
        "T3/Llama3-8B-Instruct/MBPP/REBASE/pass/8",
        "T3/Llama3-8B-Instruct/MBPP/REBASE/pass/16",
        "T3/Llama3-8B-Instruct/MBPP/REBASE/pass/32",
    }
    for each in table:
        assert each.agrees != bool(each.row.remark)
        assert each.low <= each.flops <= each.high
        # What is recomputed overlaps what rounds to the printed digits, or it does not.
        gap = max(
            each.low - (each.row.flops + each.row.flops_rounding),
            each.row.flops - each.row.flops_rounding - each.high,
        )
        assert each.agrees == (gap <= 1e-9 * each.row.flops)


def test_the_remarks_on_digits_that_disagree_are_true():
    greedy = one(table="T4", model="Mistral-7B", dataset="MATH500", method="greedy")
    assert printed(256 * greedy.flops / 1e14, "8.70")
    large = one(
        table="T4", model="Llemma-34B", dataset="MATH500", method="sampling", rule="weighted"
    )
    assert printed(64 / 8 * large.flops / 1e14, "12.2")
    search = one(
        table="T4", model="Llemma-34B", dataset="MATH500", method="REBASE", rule="weighted"
    )
    assert printed(4 * search.flops / 1e14, "7.07")
    llama = one(
        table="T4", model="Llama3-8B-Instruct", dataset="GSM8K", method="sampling", rule="weighted"
    )
    assert printed(llama.flops / 32 / 1e12, "2.29")
    per_sample = [
        published.implied_tokens(one(table="T3", n=n, method="REBASE")).value for n in TABLE_3
    ]
    assert max(per_sample) / min(per_sample) > 1.05


def test_half_of_the_accuracies_on_math500_are_no_number_of_500_questions():
    table = rows(dataset="MATH500")
    impossible = [row for row in table if not row.right]
    assert (len(impossible), len(table)) == (18, 36)
    for row in table:
        found = [
            c for c in range(501) if abs(c / 500 - row.accuracy) <= row.accuracy_rounding + 1e-12
        ]
        assert list(row.right) == found
    assert all(row.right for row in rows(dataset=("GSM8K", "MBPP")))
    assert list(one(table="live", dataset="GPQA").right) == [64]
    assert one(table="F1", dataset="MMLU", rule="vote", n=3).right is None


def test_the_reward_model_of_34b_multiplies_the_cost_of_a_7b_model_by_5_86():
    row = one(table="T1", model="Llemma-7B", method="REBASE")
    assert printed(published.total_flops(row) / row.flops, "5.86")
    assert published.total_flops(row, reward_parameters=0) == row.flops
    majority = one(
        table="T4", model="Llemma-7B", dataset="GSM8K", method="sampling", rule="majority"
    )
    assert published.total_flops(majority) == majority.flops
    search = one(table="T4", model="Llemma-7B", dataset="GSM8K", method="REBASE", rule="majority")
    assert published.total_flops(search) == pytest.approx(search.flops * 41 / 7)
    assert isnan(published.total_flops(one(table="T3", n=8, method="REBASE")))


def test_reorderings_are_all_pairs_whose_order_turns_round():
    table = rows(table="T4", dataset="GSM8K")
    expected = {
        (a.key, b.key)
        for a in table
        for b in table
        if a.flops < b.flops and published.total_flops(a) > published.total_flops(b)
    }
    found = published.reorderings(table)
    assert {(each.cheaper.key, each.dearer.key) for each in found} == expected
    assert all(each.ratio > 1 > each.total_ratio for each in found)
    assert published.reorderings(table, reward_parameters=0) == ()


def test_a_dearer_reward_model_makes_8_samples_of_34b_cheaper_than_32_of_7b():
    turned = published.reorderings(rows(table="T4", dataset="MATH500", rule="weighted"))
    pairs = {(each.cheaper.model, each.dearer.model) for each in turned}
    assert ("Llemma-7B", "Llemma-34B") in pairs
    assert all(large == "Llemma-34B" for _, large in pairs)


@pytest.mark.parametrize(
    "check",
    [c for c in published.claims().checks() if not isnan(c.difference.p)],
    ids=lambda check: check.claim.name,
)
def test_differences_are_those_of_the_textbook(check):
    a, b, found = check.claim.better, check.claim.worse, check.difference
    n, m = a.questions, (a.accuracy + b.accuracy) / 2
    z = (a.accuracy - b.accuracy) / sqrt(2 * m * (1 - m) / n)
    assert found.p == pytest.approx(erfc(abs(z) / sqrt(2)), rel=1e-12)
    (low_a, high_a), (low_b, high_b) = (plain.wilson(r.accuracy, n, Z) for r in (a, b))
    assert found.low == pytest.approx(
        found.value - sqrt((a.accuracy - low_a) ** 2 + (high_b - b.accuracy) ** 2), abs=1e-12
    )
    assert found.high == pytest.approx(
        found.value + sqrt((high_a - a.accuracy) ** 2 + (b.accuracy - low_b) ** 2), abs=1e-12
    )
    assert found.paired_p <= found.p or found.paired_p == 1


@pytest.mark.parametrize(
    "check",
    [c for c in published.claims().checks() if c.claim.paper == "B" and not isnan(c.difference.p)],
    ids=lambda check: check.claim.name,
)
def test_no_pairing_of_whole_answers_has_a_smaller_p_value(check):
    a, b = check.claim.better, check.claim.worse
    if a.right and b.right:
        least = min(plain.sign_test(max(x - y, 0), max(y - x, 0)) for x in a.right for y in b.right)
        assert check.difference.paired_p <= least * (1 + 1e-12)
        assert least <= 4 * check.difference.paired_p  # at most a question from each rounding


def test_the_least_p_value_is_that_of_the_largest_overlap():
    for n in (7, 12):
        for x in range(n + 1):
            for y in range(n + 1):
                assert plain.least_sign_test(x, y, n) == plain.sign_test(
                    max(x - y, 0), max(y - x, 0)
                )


def test_claims_that_the_numbers_do_not_bear_out():
    checks = {check.claim.name: check for check in published.claims().checks()}
    assert {name for name, check in checks.items() if check.verdict == "not as printed"} == {
        "t4-7b-beats-34b-gsm8k",
        "t4-rebase-mistral-7b-gsm8k-best-of-n",
    }
    assert checks["7b-search-beats-34b-sampling"].verdict == "within noise"
    assert checks["t4-7b-beats-34b-math500"].cheaper_in_total is False
    assert checks["t1-llemma-7b"].cheaper_in_total is True
    assert checks["seven-times"].flops_ratio == pytest.approx(10.0 / 1.48)
    assert checks["seven-times"].flops_ratio_low == pytest.approx(9.95 / 1.485)
    assert checks["mcts"].verdict == "not recomputable"
    assert checks["f1-mmlu-vote-falls"].verdict == "unknown noise"


def test_a_stricter_level_clears_fewer_claims():
    clear = [published.claims().verdicts(level=level)["clear"] for level in (0.9, 0.95, 0.99)]
    assert clear == sorted(clear, reverse=True)
    assert clear[0] > clear[-1]


def test_claims_that_cannot_be_recomputed_say_why_and_no_other_does():
    for claim in published.claims():
        assert (claim.kind == "unavailable") == bool(claim.reason) == (claim.better is None)
    assert len({claim.name for claim in published.claims()}) == len(published.claims())


def test_the_law_of_the_best_size_gives_the_sizes_published_for_it():
    for budget, size in ((1e12, "2.39e8"), (1e13, "1.65e9"), (1e14, "1.15e10")):
        found = published.compute_optimal_parameters(budget)
        assert abs(found - float(size)) <= 0.005 * 10 ** Decimal(size).adjusted()


def test_tables_become_arrow_and_plain_values():
    table = rows().to_arrow()
    assert isinstance(table, pa.Table)
    assert table.num_rows == 118
    claims = published.claims().to_arrow()
    assert claims.column("verdict").to_pylist() == [
        check.verdict for check in published.claims().checks()
    ]
    assert published.recomputed().to_arrow().num_rows == 70
    assert "Llemma" in rows(table="T1")._repr_html_()
    assert "seven-times" in published.claims()._repr_html_()
    assert len(rows()[:3]) == 3


def test_wrong_names_are_refused_with_those_there_are():
    with pytest.raises(ArgumentError, match="table must be one of F1, T1"):
        rows(table="T9")
    with pytest.raises(ArgumentError, match="no attribute 'colour'"):
        rows(colour="red")
    with pytest.raises(ArgumentError, match="seven-times"):
        published.claims()["eight-times"]
    with pytest.raises(ArgumentError, match="printed without FLOPs"):
        published.implied_tokens(rows(table="text")[0])
    with pytest.raises(ArgumentError, match="not public"):
        published.flops(rows(table="live")[0])
