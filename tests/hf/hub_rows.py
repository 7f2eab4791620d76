"""Questions through the real package `datasets`: in an environment with it, ``pytest tests/hf/hub_rows.py``.

The package reads a folder laid out like a repository of the hub (a card with configurations, Parquet files)
by the same call, so the names of the catalogue are folders here. Nothing is downloaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from tests.question_rows import HUB_ROWS, right_text

from kcurve.datasets import catalogue, load
from kcurve.errors import DatasetError

GOLD = {
    "gsm8k": "1250",
    "math500": r"\frac{x}{2}",
    "mmlu": "lead",
    "gpqa": "It is yellow.",
    "truthfulqa": "Stones do not dream.",
    "averitec": "Conflicting Evidence/Cherrypicking",
}
CARD = """---
configs:
- config_name: {config}
  data_files:
  - split: {split}
    path: {config}/{split}-*
---
"""


@pytest.fixture(scope="module")
def package() -> Any:
    return import_module("datasets")


@pytest.fixture
def hub(tmp_path, monkeypatch, package):
    """The data sets of the catalogue as folders of the working directory, with the types of the hub."""
    text, integer = package.Value("string"), package.Value("int64")
    letters = package.ClassLabel(names=list("ABCD"))
    many = package.Sequence
    features = {
        "mmlu": {"question": text, "subject": text, "choices": many(text), "answer": letters},
        "truthfulqa": {
            "question": text,
            **{
                f"mc{number}_targets": {"choices": many(text), "labels": many(integer)}
                for number in (1, 2)
            },
        },
    }
    for entry in catalogue():
        types = features.get(entry.name)
        table = package.Dataset.from_list(
            [HUB_ROWS[entry.name]], features=None if types is None else package.Features(types)
        )
        folder = tmp_path / entry.hub
        (folder / entry.config).mkdir(parents=True)
        (folder / "README.md").write_text(CARD.format(config=entry.config, split=entry.split))
        table.to_parquet(folder / entry.config / f"{entry.split}-00000-of-00001.parquet")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("name", GOLD)
def test_every_data_set_is_read_by_its_name(name):
    (question,) = load(name)
    assert question.dataset == name
    assert (right_text(question) if question.choices else question.reference) == GOLD[name]


def test_offline_the_error_names_the_remedies(package, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(package.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        DatasetError, match=r"openai/gsm8k .*HF_HUB_OFFLINE is set.*path of the file"
    ):
        list(load("gsm8k"))
