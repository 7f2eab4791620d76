"""Training: lessons packed into rows, the loss of what is to be learnt, and Muon."""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
import optax
from lessons import NOTHING
from model import Shape, Weights, first_weights, logits
from vocabulary import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lessons import Lesson

PLACES = 128
"""Tokens of a row."""

VERDICT_WEIGHT = 3.0
"""How much a verdict counts, of which there is one in ten tokens."""

YES, NO = tokens("yn")


@dataclass(frozen=True)
class Settings:
    """How a model is trained.

    Parameters
    ----------
    steps
        How many batches.
    rows
        Rows of `PLACES` tokens of a batch.
    muon_rate, adam_rate
        The highest learning rates: that of the matrices of the blocks, and that of all else.
    seed
        Of the first weights and of the lessons.
    """

    steps: int
    rows: int = 32
    muon_rate: float = 0.02
    adam_rate: float = 3e-3
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """A trained model and how it got there.

    Parameters
    ----------
    weights
        The model.
    tokens
        All tokens it saw, those of the questions too.
    losses
        The loss of each step: nats for a token to be learnt.
    seconds
        Wall time, that of compiling too.
    processor_seconds
        What all processors worked on it together.
    """

    weights: Weights
    tokens: int
    losses: np.ndarray
    seconds: float
    processor_seconds: float


def trained(
    shape: Shape,
    lessons: Iterator[Lesson],
    settings: Settings,
    *,
    told: Callable[[int, float, float], None] = lambda *_: None,
) -> Trained:
    """Train a model; `told` gets the step, the mean loss of the last 100 and the seconds every 100 steps."""
    begun, worked = time.monotonic(), time.process_time()
    weights = first_weights(shape, settings.seed)
    optimizer = _optimizer(settings)
    state = optimizer.init(weights)
    losses = np.empty(settings.steps)
    seen = 0
    for step, batch in enumerate(islice(batches(lessons, settings.rows), settings.steps)):
        weights, state, loss = _step(shape, optimizer, weights, state, batch)
        losses[step] = loss
        seen += int(np.count_nonzero(batch.texts))
        if (step + 1) % 100 == 0:
            told(step + 1, float(losses[step - 99 : step + 1].mean()), time.monotonic() - begun)
    return Trained(
        weights,
        seen,
        losses,
        seconds=time.monotonic() - begun,
        processor_seconds=time.process_time() - worked,
    )


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Batch:
    """Rows of lessons.

    Parameters
    ----------
    tokens, targets : int [rows, places]
        What stands at each place, and what is to be predicted there, or `NOTHING`.
    texts : int [rows, places]
        Which lesson of the row a place belongs to, from 1; 0 for none.
    """

    tokens: np.ndarray
    targets: np.ndarray
    texts: np.ndarray


def batches(lessons: Iterator[Lesson], rows: int) -> Iterator[Batch]:
    """Yield batches of whole lessons: the longest first, each in the first row that still has room for it.

    Lessons that find no room are the first of the next batch.
    """
    waiting: list[Lesson] = []
    while True:
        batch = Batch(
            tokens=np.zeros((rows, PLACES), np.int32),
            targets=np.full((rows, PLACES), NOTHING, np.int32),
            texts=np.zeros((rows, PLACES), np.int32),
        )
        room = 1.05 * rows * PLACES - sum(len(lesson.tokens) for lesson in waiting)
        while room > 0:
            waiting.append(next(lessons))
            room -= len(waiting[-1].tokens)
        filled = [0] * rows
        left = []
        for lesson in sorted(waiting, key=lambda lesson: -len(lesson.tokens)):
            size = len(lesson.tokens)
            row = next((row for row, used in enumerate(filled) if used + size <= PLACES), None)
            if row is None:
                left.append(lesson)
                continue
            place = slice(filled[row], filled[row] + size)
            batch.tokens[row, place] = lesson.tokens
            batch.targets[row, place] = lesson.targets
            batch.texts[row, place] = batch.texts[row].max() + 1
            filled[row] += size
        waiting = left
        yield batch


def loss(weights: Weights, shape: Shape, batch: Batch) -> jax.Array:
    """Return the mean cross-entropy of the tokens to be learnt, in which verdicts count for more."""
    places = jnp.arange(PLACES)
    same = batch.texts[:, :, None] == batch.texts[:, None, :]
    said = logits(weights, shape, batch.tokens, same & (places[:, None] >= places))
    verdict = (batch.targets == YES) | (batch.targets == NO)
    counts = jnp.where(verdict, VERDICT_WEIGHT, 1.0) * (batch.targets != NOTHING)
    each = optax.softmax_cross_entropy_with_integer_labels(said, jnp.maximum(batch.targets, 0))
    return jnp.sum(each * counts) / jnp.sum(counts)


def _optimizer(settings: Settings) -> optax.GradientTransformation:
    # From nothing to the highest rate in 5 % of the steps, then straight down to nothing.
    rise = max(1, settings.steps // 20)

    def rate(highest: float) -> optax.Schedule:
        return optax.join_schedules(
            [
                optax.linear_schedule(0.0, highest, rise),
                optax.linear_schedule(highest, 0.0, settings.steps - rise),
            ],
            [rise],
        )

    # Muon is for matrices between vectors; rows of embeddings are looked up and weighed one by one.
    def kinds(weights: Weights) -> Weights:
        return jax.tree_util.tree_map_with_path(
            lambda path, array: (
                optax.contrib.MuonDimensionNumbers()
                if path[0].key == "blocks" and array.ndim == 2
                else None
            ),
            weights,
        )

    muon = optax.contrib.muon(
        rate(settings.muon_rate),
        adam_learning_rate=rate(settings.adam_rate),
        adam_b2=0.98,
        weight_decay=0.01,
        muon_weight_dimension_numbers=kinds,
    )
    return optax.chain(optax.clip_by_global_norm(1.0), muon)


@partial(jax.jit, static_argnums=(0, 1), donate_argnums=(2, 3))
def _step(
    shape: Shape,
    optimizer: optax.GradientTransformation,
    weights: Weights,
    state: optax.OptState,
    batch: Batch,
) -> tuple[Weights, optax.OptState, jax.Array]:
    value, slope = jax.value_and_grad(loss)(weights, shape, batch)
    change, state = optimizer.update(slope, state, weights)
    return optax.apply_updates(weights, change), state, value
