"""Mixtures: several generators that share the candidates of a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kcurve._validation import instance, number_between
from kcurve.errors import ArgumentError
from kcurve.strategies.generator import Generator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Mixture:
    """Generators that take turns, so that the first k candidates are a fair mixture for any k.

    Prompts, few-shot examples, temperatures and models may all differ; how answers are read may not, for
    answers of different generators are votes for one another.

    Parameters
    ----------
    generators : sequence of Generator
        At least two, no two of which send the same requests.
    weights : sequence of float, optional
        How many candidates each makes, in proportion; read as the decimals they print as. The default is
        one each, in turn.

    Raises
    ------
    ArgumentError
        If generators are missing or equal, read answers differently, or weights do not fit.

    Notes
    -----
    After k candidates a generator of weight w (of a sum of 1) has made ``floor(k w)`` or ``ceil(k w)`` of
    them. Candidate by candidate the turn goes to the generator that may have one more and whose next
    is due first, ``(made + 1) / w``.

    A curve over the log of a mixture draws k candidates whatever generators they are from. The first k
    of a live run are stratified, so their vote varies a little less than such draws do.

    Examples
    --------
    >>> from kcurve.llm import Parameters
    >>> cold, hot = (Generator(parameters=Parameters(temperature=t)) for t in (0.2, 1.0))
    >>> Mixture([cold, hot], weights=[3, 1]).turns(8)
    [0, 0, 0, 1, 0, 0, 0, 1]
    """

    generators: Sequence[Generator]
    weights: Sequence[float] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that the generators are different, and read answers alike."""
        generators = tuple(self.generators)
        for generator in generators:
            instance("a generator of a mixture", generator, Generator)
        if len(generators) < 2:
            raise ArgumentError(f"a mixture needs at least 2 generators, got {len(generators)}")
        object.__setattr__(self, "generators", generators)
        self._check_differences()
        if self.weights is None:
            return
        weights = tuple(self.weights)
        for weight in weights:
            number_between("a weight", weight, 0, 1e9, low_excluded=True)
        if len(weights) != len(generators):
            raise ArgumentError(
                f"weights must have one number for each of the {len(generators)} generators, "
                f"got {len(weights)}"
            )
        object.__setattr__(self, "weights", weights)

    @property
    def extract(self) -> Any:  # noqa: ANN401 - an extractor
        """How answers are read."""
        return self.generators[0].extract

    @property
    def equivalence(self) -> Any:  # noqa: ANN401 - an equivalence
        """Which answers are the same."""
        return self.generators[0].equivalence

    def reading(self) -> dict[str, Any]:
        """Return how responses are read, as plain JSON."""
        return self.generators[0].reading()

    def turns(self, n: int) -> list[int]:
        """Return which generator makes each of the first `n` candidates."""
        turns = self._turns()
        return [next(turns) for _ in range(n)]

    def _turns(self) -> Iterator[int]:
        given = self.weights or (1,) * len(self.generators)
        exact = [Fraction(str(weight)) for weight in given]
        total = sum(exact)
        shares = [weight / total for weight in exact]
        made = [0] * len(shares)
        k = 0
        while True:
            k += 1
            member = min(
                (i for i, share in enumerate(shares) if made[i] < share * k),
                key=lambda i: ((made[i] + 1) / shares[i], i),
            )
            made[member] += 1
            yield member

    def _check_differences(self) -> None:
        first = self.generators[0]
        seen: list[tuple[object, object]] = []
        for generator in self.generators:
            if (generator.extract, generator.equivalence) != (first.extract, first.equivalence):
                raise ArgumentError(
                    "the generators of a mixture must read answers alike, got "
                    f"{first.reading()} and {generator.reading()}; use answers.FirstOf for several formats"
                )
            asks = (generator.description(""), generator.llm)
            if asks in seen:
                raise ArgumentError(
                    "two generators of a mixture send the same requests, and would share their samples; "
                    "use weights for a generator that takes more turns"
                )
            seen.append(asks)
