"""Which models the family has, and how each is trained, exported and written down."""
# ruff: noqa: INP001, T201 - it says how far it is

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import jax
import numpy as np
from family import FACTS, WEIGHTS
from gguf_export import CONTEXT, write_gguf
from lessons import demonstrations, judgements
from model import Shape
from training import Settings, Trained, trained

if TYPE_CHECKING:
    from pathlib import Path

Role = Literal["reasoner", "process reward model"]

SEED = 1


@dataclass(frozen=True)
class Member:
    """A model of the family.

    Parameters
    ----------
    role
        What it learns.
    shape
        Its size.
    settings
        How it is trained.
    """

    role: Role
    shape: Shape
    settings: Settings


FAMILY = {
    "small": Member("reasoner", Shape(2, 48, 3, 128), Settings(steps=700, seed=SEED)),
    "medium": Member("reasoner", Shape(2, 64, 2, 176), Settings(steps=700, seed=SEED)),
    "large": Member("reasoner", Shape(3, 96, 3, 256), Settings(steps=700, seed=SEED)),
    "reward": Member("process reward model", Shape(5, 64, 2, 176), Settings(steps=1800, seed=SEED)),
}


def made(name: str) -> dict[str, Any]:
    """Train a model, write its file, and return what is known of it; it is told as it goes."""
    member = FAMILY[name]
    lessons = demonstrations if member.role == "reasoner" else judgements

    def told(step: int, loss: float, seconds: float) -> None:
        print(f"{name}: step {step}, loss {loss:.4f}, {seconds:.0f} s", flush=True)

    run = trained(member.shape, lessons(member.settings.seed), member.settings, told=told)
    WEIGHTS.mkdir(exist_ok=True)
    path = WEIGHTS / f"{name}.gguf"
    weights = jax.tree.map(np.asarray, run.weights)
    write_gguf(path, name=f"tiny-reasoner-{name}", shape=member.shape, weights=weights)
    known = _facts(member, run, path)
    written = json.loads(FACTS.read_text(encoding="utf-8")) if FACTS.exists() else {"models": {}}
    written["models"][name] = known
    written["models"] = {one: written["models"][one] for one in FAMILY if one in written["models"]}
    FACTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return known


def _facts(member: Member, run: Trained, path: Path) -> dict[str, Any]:
    parameters = member.shape.block_parameters
    return {
        "role": member.role,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "license": "Apache-2.0",
        "parameters": parameters,
        "parameters_with_embeddings": member.shape.parameters,
        **asdict(member.shape),
        "context": CONTEXT,
        "training": {
            **asdict(member.settings),
            "tokens": run.tokens,
            # Kaplan et al. 2020: forwards and backwards.
            "FLOPs": 6 * parameters * run.tokens,
            "first_loss": round(float(run.losses[:100].mean()), 4),
            "last_loss": round(float(run.losses[-100:].mean()), 4),
            "seconds": round(run.seconds),
            "processor_seconds": round(run.processor_seconds),
            "machine": f"{platform.machine()}, {os.cpu_count()} CPUs shared with other work",
            "jax": jax.__version__,
            "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        },
    }
