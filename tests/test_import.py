"""`import kcurve` is light: numpy, the standard library, and the extension."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "scipy",
    "openai",
    "rich",
    "matplotlib",
    "cyclopts",
    "pyarrow",
    "pandas",
    "polars",
    "asyncio",
)

RATIO = """
import time
start = time.thread_time()
import numpy
middle = time.thread_time()
import kcurve
print((time.thread_time() - middle) / (middle - start))
"""


def output(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout


def test_no_heavy_module_is_loaded() -> None:
    program = f"import kcurve, sys; print([m for m in {HEAVY} if m in sys.modules])"
    assert output(program).strip() == "[]"


def test_no_foreign_package_is_loaded_but_numpy() -> None:
    program = (
        "import sys, numpy; before = set(sys.modules); import kcurve; "
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before} "
        "- set(sys.stdlib_module_names) - {'numpy', 'kcurve'}))"
    )
    assert output(program).strip() == "[]"


def test_it_adds_less_than_numpy_itself_takes() -> None:
    """A ratio, for machines differ and are busy: processor time of the importing thread, the best of several runs."""
    assert min(float(output(RATIO)) for _ in range(5)) < 1
