"""A decoder-only transformer as llama.cpp computes it under the name llama: RMS norms, rotary positions, gated units."""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import vocabulary

Weights = dict[str, Any]
Angles = tuple[jax.Array, jax.Array]
"""Cosines and sines, by place and pair of numbers."""

FIRST_SCALE = 0.02
"""Standard deviation of the first weights."""

EPSILON = 1e-5
ROTARY_BASE = 10_000.0


@dataclass(frozen=True)
class Shape:
    """The size of a model.

    Parameters
    ----------
    layers, width, heads
        Its blocks, the numbers that stand for a token between them, the heads of a block's attention.
    hidden
        The gated units of a block.
    """

    layers: int
    width: int
    heads: int
    hidden: int

    @property
    def head_width(self) -> int:
        """The numbers that a head compares."""
        return self.width // self.heads

    @property
    def block_parameters(self) -> int:
        """The parameters of all but the embeddings: the N of 2 N floating-point operations a token."""
        matrices = 4 * self.width**2 + 3 * self.width * self.hidden
        return self.layers * (matrices + 2 * self.width) + self.width

    @property
    def parameters(self) -> int:
        """All parameters, those of the embeddings in and out as well."""
        return self.block_parameters + 2 * vocabulary.SIZE * self.width


def first_weights(shape: Shape, seed: int) -> Weights:
    """Return random weights; matrices are (inputs, outputs)."""
    keys = iter(jax.random.split(jax.random.key(seed), 2 + 7 * shape.layers))
    width, hidden = shape.width, shape.hidden

    def matrix(inputs: int, outputs: int) -> jax.Array:
        return FIRST_SCALE * jax.random.normal(next(keys), (inputs, outputs))

    def block() -> Weights:
        return {
            "attention_norm": jnp.ones(width),
            "query": matrix(width, width),
            "key": matrix(width, width),
            "value": matrix(width, width),
            "out": matrix(width, width),
            "hidden_norm": jnp.ones(width),
            "gate": matrix(width, hidden),
            "up": matrix(width, hidden),
            "down": matrix(hidden, width),
        }

    return {
        "embedding": matrix(vocabulary.SIZE, width),
        "head": matrix(vocabulary.SIZE, width),
        "norm": jnp.ones(width),
        "blocks": [block() for _ in range(shape.layers)],
    }


def logits(weights: Weights, shape: Shape, tokens: jax.Array, seen: jax.Array) -> jax.Array:
    """Return the logits of the next token at each place.

    Parameters
    ----------
    weights, shape
        The model.
    tokens : int [rows, places]
        The texts.
    seen : bool [rows, places, places]
        Which places (the last axis) a place looks at.
    """
    angles = _angles(tokens.shape[1], shape.head_width)
    state = weights["embedding"][tokens]
    for block in weights["blocks"]:
        state += _attention(block, shape, _normed(state, block["attention_norm"]), seen, angles)
        inner = _normed(state, block["hidden_norm"])
        state += (jax.nn.silu(inner @ block["gate"]) * (inner @ block["up"])) @ block["down"]
    return _normed(state, weights["norm"]) @ weights["head"].T


def _normed(state: jax.Array, scale: jax.Array) -> jax.Array:
    return state * jax.lax.rsqrt(jnp.mean(state**2, axis=-1, keepdims=True) + EPSILON) * scale


def _attention(
    block: Weights, shape: Shape, state: jax.Array, seen: jax.Array, angles: Angles
) -> jax.Array:
    rows, places, width = state.shape
    parted = (rows, places, shape.heads, shape.head_width)
    query, key, value = (
        (state @ block[name]).reshape(parted).transpose(0, 2, 1, 3)
        for name in ("query", "key", "value")
    )
    fit = _turned(query, angles) @ _turned(key, angles).transpose(0, 1, 3, 2)
    fit = jnp.where(seen[:, None], fit * shape.head_width**-0.5, -jnp.inf)
    mixed = jax.nn.softmax(fit, axis=-1) @ value
    return mixed.transpose(0, 2, 1, 3).reshape(rows, places, width) @ block["out"]


def _angles(places: int, width: int) -> Angles:
    speeds = ROTARY_BASE ** (-jnp.arange(0, width, 2) / width)
    angle = jnp.arange(places)[:, None] * speeds
    return jnp.cos(angle), jnp.sin(angle)


def _turned(vectors: jax.Array, angles: Angles) -> jax.Array:
    """Turn each pair of neighbouring numbers by its angle."""
    cosine, sine = angles
    even, odd = vectors[..., ::2], vectors[..., 1::2]
    pairs = jnp.stack((even * cosine - odd * sine, even * sine + odd * cosine), axis=-1)
    return pairs.reshape(vectors.shape)
