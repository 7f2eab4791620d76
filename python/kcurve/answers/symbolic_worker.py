"""The process that compares expressions: a line with a pair and seconds in, a line with a verdict out."""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import sys
from typing import TextIO

_MOST_MEMORY = 2 * 1024**3


def main() -> None:
    """Compare pairs until nobody asks any more."""
    verdicts = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a library prints is no verdict.
    os.dup2(2, 1)
    _limit_memory()
    logging.disable(logging.CRITICAL)
    from math_verify import parse, verify  # type: ignore[import-untyped]  # noqa: PLC0415 - seconds

    def same(left: str, right: str) -> bool:
        first, second = (parse(f"${text}$", parsing_timeout=None) for text in (left, right))
        return any(
            verify(*order, timeout_seconds=None) for order in ((first, second), (second, first))
        )

    # The first comparison imports what all need.
    same("(x+1)^2", r"\frac{x}{2}")
    _tell(verdicts, "ready")
    for line in sys.stdin:
        left, right, seconds = json.loads(line)
        # Ends this process if nobody is left to kill it.
        faulthandler.dump_traceback_later(2 * seconds + 1, exit=True)
        verdict: bool | None
        try:
            verdict = same(left, right)
        except (MemoryError, OverflowError, RecursionError):
            verdict = None
        except Exception:  # noqa: BLE001 - what cannot be understood is not equal
            verdict = False
        faulthandler.cancel_dump_traceback_later()
        _tell(verdicts, verdict)


def _tell(verdicts: TextIO, value: object) -> None:
    print(json.dumps(value), file=verdicts, flush=True)


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    main()
