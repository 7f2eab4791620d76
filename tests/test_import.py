"""What `import kcurve` costs and shows."""

import subprocess
import sys

import pytest

import kcurve

HEAVY = (
    "scipy",
    "rich",
    "cyclopts",
    "pyarrow",
    "pandas",
    "polars",
    "matplotlib",
    "asyncio",
    "http",
    "ssl",
)


def test_import_loads_numpy_and_the_extension_only():
    program = "import sys, kcurve; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    loaded = done.stdout.split()
    assert "numpy" in loaded
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("name", kcurve.__all__)
def test_public_names_exist(name):
    assert hasattr(kcurve, name)


def test_the_door_is_small():
    assert len(set(kcurve.__all__)) == len(kcurve.__all__) <= 30
