"""The command line: `kcurve` and `python -m kcurve`."""

from kcurve.cli.app import main

__all__ = ["main"]
