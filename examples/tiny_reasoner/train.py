"""Train the models of the family, one after another, and write their files and what is known of them.

python examples/tiny_reasoner/train.py small medium large reward
"""
# ruff: noqa: INP001, T201 - a script that prints

from __future__ import annotations

from cyclopts import App
from training_runs import FAMILY, made

app = App(help=__doc__)


@app.default
def train(*names: str) -> None:
    """Train models.

    Parameters
    ----------
    names
        Which of them; the default is all.
    """
    for name in names:
        if name not in FAMILY:
            raise SystemExit(f"there is no model {name!r}; there are {', '.join(FAMILY)}")
    for name in names or FAMILY:
        known = made(name)
        print(
            f"{known['file']}: {known['parameters']:,} parameters, {known['training']['seconds']} s"
        )


if __name__ == "__main__":
    app()
