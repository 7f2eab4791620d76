"""The peak of a process's resident memory while something runs, from Linux's own account (and glibc)."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIBC = ctypes.CDLL(None)
STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")


def peak_increase(run: Callable[[], object]) -> int:
    """Return by how many KiB the resident memory grew at its highest during ``run()``.

    Writing 5 to ``clear_refs`` sets the recorded peak back to the present size, so what was built before
    does not count. What the C library had freed but kept is given back first, or it would hide as much.
    """
    gc.collect()
    LIBC.malloc_trim(0)
    CLEAR_REFS.write_text("5", encoding="ascii")
    before = _kibibytes("VmRSS")
    run()
    return _kibibytes("VmHWM") - before


def _kibibytes(field: str) -> int:
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise LookupError(f"{STATUS} has no {field}")
