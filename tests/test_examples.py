"""The examples run, and leave what they promise."""

import csv
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def test_search_sweeps_leave_a_table_and_a_figure(tmp_path):
    folder = tmp_path / "sweeps"
    command = [
        sys.executable,
        EXAMPLES / "search_sweeps.py",
        "--questions",
        "60",
        "--folder",
        folder,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (folder / "search_sweeps.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["sweep"] for row in rows} == {"temperature", "quality", "strength", "tokens"}
    assert len(done.stdout.splitlines()) == len(rows)
    assert (folder / "search_sweeps.png").read_bytes().startswith(b"\x89PNG")
    for row in rows:
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])

    def value(sweep, setting, series):
        [row] = [
            row
            for row in rows
            if (row["sweep"], row["series"]) == (sweep, series) and float(row["setting"]) == setting
        ]
        return float(row["value"])

    # What good rewards bring is seen on 60 questions already.
    assert value("quality", 0.9, "REBASE") > value("quality", 0.9, "sampling, last reward") + 0.1
    assert value("temperature", 0.1, "AUC 0.9") > value("temperature", 0.1, "AUC 0.5")
