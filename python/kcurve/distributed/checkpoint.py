"""Finished buckets on disk, so that an interrupted curve goes on where it was."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve.curve.replay import Replays
from kcurve.log import Categorical, Strings, TalliedLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcurve.distributed.tasks import Scores

Arrays = dict[str, Any]


class Checkpoint:
    """The finished buckets of one curve.

    Everything that decides what they hold is in the name of their directory: the files, by path,
    size and time of change, and the settings. Other curves may use the same directory.

    Parameters
    ----------
    folder : path
        Where to keep them; made if it is not there.
    paths : iterable of str
        The files of the log.
    settings : iterable
        What else decides; told apart by `repr`.
    """

    def __init__(
        self, folder: str | os.PathLike[str], paths: Iterable[str], settings: Iterable[object]
    ) -> None:
        parts = [_core.__version__, *map(repr, settings)]
        for path in paths:
            status = Path(path).stat()
            parts += [path, str(status.st_size), str(status.st_mtime_ns)]
        name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        self._folder = Path(folder, f"curve-{name}")
        self._folder.mkdir(parents=True, exist_ok=True)

    def load(self, bucket: int) -> tuple[TalliedLog | None, Scores | None] | None:
        """Return what is stored of a bucket: log and scores, or None if it is not finished."""
        try:
            with (
                self._path(bucket).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                arrays: Arrays = dict(stored)
                return (_log(arrays), _scores(arrays)) if arrays else (None, None)
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            return None

    def store(self, bucket: int, log: TalliedLog | None, scores: Scores | None) -> None:
        """Store a finished bucket: all of it or nothing, whatever happens meanwhile."""
        arrays: Arrays = {}
        if log is not None and scores is not None:
            arrays = _arrays_of_log(log) | _arrays_of_scores(scores)
        path = self._path(bucket)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _path(self, bucket: int) -> Path:
        return self._folder / f"bucket-{bucket:05d}.npz"


def _arrays_of_log(log: TalliedLog) -> Arrays:
    arrays: Arrays = {}
    for field in fields(log):
        match getattr(log, field.name):
            case None:
                pass
            case Strings() as texts:
                arrays |= _arrays_of_texts(f"log.{field.name}", texts)
            case Categorical() as category:
                arrays[f"log.{field.name}"] = category.codes
                arrays |= _arrays_of_texts(f"log.{field.name}", Strings.pack(category.names))
            case values:
                arrays[f"log.{field.name}"] = values
    return arrays


def _arrays_of_texts(name: str, texts: Strings) -> Arrays:
    return {f"{name}.offsets": texts.offsets, f"{name}.data": texts.data}


def _log(arrays: Arrays) -> TalliedLog:
    values: Arrays = {}
    for field in fields(TalliedLog):
        name = f"log.{field.name}"
        codes, texts = arrays.get(name), None
        if f"{name}.data" in arrays:
            texts = Strings(arrays[f"{name}.offsets"], arrays[f"{name}.data"])
        if texts is None:
            values[field.name] = codes
        elif codes is None:
            values[field.name] = texts
        else:
            values[field.name] = Categorical(codes, tuple(texts))
    return TalliedLog(**values)


_REPLAYS = ("per_question", "per_replicate", "fresh", "weights", "questions", "units")


def _arrays_of_scores(scores: Scores) -> Arrays:
    if isinstance(scores, Replays):
        arrays = {f"replays.{name}": getattr(scores, name) for name in _REPLAYS}
        return arrays | {"replays.seed": np.array(scores.seed, dtype=np.uint64)}
    return {"scores": scores}


def _scores(arrays: Arrays) -> Scores:
    if "scores" in arrays:
        return np.asarray(arrays["scores"])
    values = {name: arrays[f"replays.{name}"] for name in _REPLAYS}
    return Replays(**values, seed=int(arrays["replays.seed"]), threads=1)
