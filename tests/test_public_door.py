"""One door: what kcurve exports is listed, sorted, small, and documented."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest

import kcurve as kc


def test_the_list_is_complete() -> None:
    assert len(set(kc.__all__)) == len(kc.__all__)
    public = {
        name
        for name in dir(kc)
        if not name.startswith("_") and not inspect.ismodule(getattr(kc, name))
    }
    assert public == {name for name in kc.__all__ if not name.startswith("_")}


def test_what_is_imported_later_is_there_from_the_start() -> None:
    assert {"Posterior", "fit", "theory"} <= set(dir(kc))
    with pytest.raises(AttributeError, match="no attribute 'posteriors'"):
        kc.posteriors  # noqa: B018


def test_at_most_thirty_names() -> None:
    assert len(kc.__all__) <= 30


@pytest.mark.parametrize("name", kc.__all__)
def test_every_name_is_documented_and_knows_where_it_lives(name: str) -> None:
    value = getattr(kc, name)
    if callable(value):
        doc = inspect.getdoc(value)
        assert doc
        assert not doc.startswith(f"{name}("), "a dataclass without a docstring of its own"


def own_names(value: type) -> set[str]:
    """What a class and the classes of kcurve that it is made of define."""
    parts = (part for part in inspect.getmro(value) if part.__module__.startswith("kcurve"))
    return {name for part in parts for name in vars(part)}


def public_methods() -> list[tuple[str, str]]:
    return [
        (name, method)
        for name in kc.__all__
        if inspect.isclass(value := getattr(kc, name)) and not issubclass(value, BaseException)
        for method, _ in inspect.getmembers(
            value, lambda m: inspect.isroutine(m) or isinstance(m, property)
        )
        if not method.startswith("_") and method in own_names(value)
    ]


@pytest.mark.parametrize(("name", "method"), public_methods())
def test_every_public_method_is_documented(name: str, method: str) -> None:
    assert inspect.getdoc(getattr(getattr(kc, name), method))


def test_errors_form_one_tree() -> None:
    errors = [
        value
        for value in (getattr(kc, name) for name in kc.__all__)
        if inspect.isclass(value) and issubclass(value, Exception)
    ]
    assert kc.KcurveError in errors
    assert all(issubclass(error, kc.KcurveError) for error in errors)
    assert issubclass(kc.ArgumentError, ValueError)
    assert issubclass(kc.LogError, ValueError)
    assert issubclass(kc.errors.MissingColumnError, LookupError)


def test_the_version_is_that_of_the_distribution() -> None:
    assert kc.__version__ == version("kcurve")
