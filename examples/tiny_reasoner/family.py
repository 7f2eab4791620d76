"""The trained models: their files, and what is known of each."""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).resolve().parent / "weights"
FACTS = WEIGHTS / "family.json"


def facts() -> dict[str, dict[str, Any]]:
    """Return what is known of each model, the reward model too, as family.json has it."""
    return json.loads(FACTS.read_text(encoding="utf-8"))["models"]


def models() -> dict[str, Path]:
    """Return the files of the reasoners, the smallest first."""
    reasoners = {name: one for name, one in facts().items() if one["role"] == "reasoner"}
    ordered = sorted(reasoners, key=lambda name: reasoners[name]["parameters"])
    return {name: WEIGHTS / reasoners[name]["file"] for name in ordered}


def reward_model() -> Path:
    """Return the file of the process reward model."""
    [file] = [one["file"] for one in facts().values() if one["role"] == "process reward model"]
    return WEIGHTS / file


def parameters(name: str) -> int:
    """Return the parameters of a model without its embeddings: a token takes twice as many floating-point operations."""
    return facts()[name]["parameters"]
