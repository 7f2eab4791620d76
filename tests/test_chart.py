"""The chart of the terminal shows what it is given, and nothing else."""

import numpy as np
import pytest

from kcurve.cli.chart import Line, chart

K = np.arange(1, 31)
RISING = 0.80 + 0.08 * (1 - np.exp(-K / 6))


def banded(mean, half_width=0.02, label="log"):
    return Line(label, np.arange(1, len(mean) + 1), mean, mean - half_width, mean + half_width)


def texts(lines, **settings):
    return ["".join(text for text, _ in row) for row in chart(lines, **{"width": 70, **settings})]


@pytest.mark.parametrize("braille", [True, False])
@pytest.mark.parametrize("width", [30, 61, 100])
@pytest.mark.parametrize("height", [4, 12])
def test_size_is_kept(width, height, braille):
    rows = texts([banded(RISING)], width=width, height=height, braille=braille)
    assert len(rows) == height + 3
    assert max(map(len, rows)) <= width


def test_ascii_chart_of_a_straight_line_is_exact():
    k = np.array([1, 2, 3, 4, 5])
    line = Line("log", k, np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert texts([line], width=31, height=5, braille=False) == [
        "50% +                       ***",
        "40% +                *******   ",
        "30% +          ******          ",
        "20% +   *******                ",
        "10% +***                       ",
        "    ++-----+-----+------+-----+",
        "     1     2     3      4     5",
        "         calls per question",
    ]


def test_braille_dots_lie_where_the_values_are():
    k = np.array([1, 2])
    rows = texts([Line("log", k, np.array([0.0, 1.0]))], width=18, height=4)
    body = np.array([list(row[6:]) for row in rows[:4]])
    dots = {(r, c): ord(cell) - 0x2800 for (r, c), cell in np.ndenumerate(body) if cell != " "}
    corners = body[3, 0], body[0, -1]
    assert all(0 < value < 256 for value in dots.values())
    assert ord(corners[0]) & 0x40, "the first value is the lowest dot of the first column"
    assert ord(corners[1]) & 0x08, "the last value is the highest dot of the last column"
    assert (0, 0) not in dots
    assert (3, body.shape[1] - 1) not in dots


def test_band_surrounds_the_line():
    rows = chart([banded(RISING)], width=70, braille=False)
    columns = {}
    for number, row in enumerate(rows[:12]):
        text = "".join(piece for piece, _ in row)
        for column, cell in enumerate(text[5:]):
            if cell in "*.":
                columns.setdefault(column, []).append((number, cell))
    for drawn in columns.values():
        marks = "".join(cell for _, cell in sorted(drawn))
        assert marks.strip(".").replace("*", "") == ""
        assert marks[0] == "."
        assert marks[-1] == "."
    assert len(columns) == 65


def test_roles_name_the_parts():
    roles = {role for row in chart([banded(RISING)], width=70) for _, role in row}
    assert roles == {"axis", "band", "line0", ""}


def test_several_lines_have_labels_and_no_band():
    lines = [banded(RISING, label="rising"), banded(RISING[::-1], label="falling")]
    rows = chart(lines, width=70)
    text = ["".join(piece for piece, _ in row) for row in rows]
    labelled = [row.split()[-1] for row in text if row.split()[-1] in {"rising", "falling"}]
    assert labelled == ["rising", "falling"]
    assert "band" not in {role for row in rows for _, role in row}


def test_equal_lines_share_no_label_row():
    rows = texts([banded(RISING, label=name) for name in "abc"], braille=False)
    assert sorted(row[-3:] for row in rows if row[-1] in "abc") == ["1 a", "2 b", "3 c"]


def test_long_labels_are_cut():
    rows = texts([banded(RISING, label="x" * 99), banded(RISING - 0.1, label="y")])
    assert max(map(len, rows)) <= 70
    assert any(row.endswith("x" * 11 + ".." + "x" * 11) for row in rows)


def test_wide_ranges_of_k_get_a_logarithmic_axis():
    line = Line("log", np.array([1, 10, 100, 1000]), np.array([0.1, 0.2, 0.3, 0.4]))
    ticks, name = texts([line], width=80)[-2:]
    assert ticks.split() == ["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000"]
    assert name.strip() == "calls per question, log scale"
    at = [ticks.index(f" {tick}") for tick in ("10", "100", "1000")]
    assert abs((at[1] - at[0]) - (at[2] - at[1])) <= 1


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_constant_curve_stays_on_the_axis(value):
    rows = texts([banded(np.full(30, value), half_width=0.0)])
    labels = [float(row.split("%")[0]) for row in rows if "%" in row]
    assert len(set(labels)) == len(labels) == 2
    assert 100 * value in labels


def test_undefined_points_are_left_out():
    mean = RISING.copy()
    mean[20:] = np.nan
    rows = texts([banded(mean)], braille=False)
    assert not any(row[-5:].strip(" *.") or "*" in row[-5:] for row in rows[:12])
    assert chart([banded(np.full(30, np.nan))], width=70) == []


def test_one_point_is_drawn():
    line = Line("log", np.array([5]), np.array([0.8]), np.array([0.7]), np.array([0.9]))
    rows = texts([line], braille=False)
    assert sum(row.count("*") for row in rows) == 1
    assert rows[-2].split() == ["5"]
