"""Output for programs. The keys and columns are an interface: they change only with a changelog line."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kcurve.cli.inputs import Part
from kcurve.cli.words import last_doubling
from kcurve.curve import Curve
from kcurve.theory import KStar, Landscape

CSV_COLUMNS = ("log", "group", "k", "mean", "low", "high")


def curves_as_json(parts: Sequence[Part], curves: Sequence[Curve]) -> str:
    """All curves as one JSON object; undefined numbers are null."""
    return _dumps(
        {"curves": [_curve(part, curve) for part, curve in zip(parts, curves, strict=True)]}
    )


def curves_as_csv(parts: Sequence[Part], curves: Sequence[Curve]) -> str:
    """One row per curve and k, with a header; undefined numbers and absent groups are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for part, curve in zip(parts, curves, strict=True):
        for k, *values in zip(curve.k, curve.mean, curve.low, curve.high, strict=True):
            numbers = ["" if math.isnan(value) else repr(float(value)) for value in values]
            writer.writerow([part.source, part.group or "", int(k), *numbers])
    return text.getvalue()


def summaries_as_json(parts: Sequence[Part]) -> str:
    """All summaries as one JSON object."""
    return _dumps(
        {
            "logs": [
                {"log": part.source, "group": part.group, **part.summary().to_dict()}
                for part in parts
            ]
        }
    )


def landscape_as_json(landscape: Landscape, best: KStar, k: npt.NDArray[np.int64]) -> str:
    """A landscape, its best number of calls and some of its points; infinite numbers are null."""
    accuracy = np.atleast_1d(landscape.accuracy(k))
    return _dumps(
        {
            "landscape": landscape.to_dict(),
            "best": best.to_dict(),
            "curve": {"k": k.tolist(), "accuracy": accuracy.tolist()},
        }
    )


def store_as_json(facts: Mapping[str, object]) -> str:
    """What is known of a store as one JSON object; numbers that are not known are null."""
    return _dumps(dict(facts))


def _curve(part: Part, curve: Curve) -> Mapping[str, object]:
    gain = last_doubling(curve)
    return {
        "log": part.source,
        "group": part.group,
        **curve.to_dict(),
        "last_doubling": None if gain is None else gain._asdict(),
    }


def _dumps(value: object) -> str:
    return json.dumps(_without_nan(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _without_nan(value: object) -> object:
    """JSON has no NaN: null takes its place."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _without_nan(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_nan(item) for item in value]
        case _:
            return value
