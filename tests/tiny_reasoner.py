"""The modules of the example, which lie in a folder of their own and import each other by name."""

import importlib
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "tiny_reasoner"
MODULES = ("task", "vocabulary", "lessons", "family", "asking")


@contextmanager
def modules():
    """Yield them, and leave neither their folder nor their names to others."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    finally:
        sys.path.remove(str(FOLDER))
        for name in MODULES:
            del sys.modules[name]
