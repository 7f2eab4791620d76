"""The nodes of a network: what makes candidates, betters, keeps and selects them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from kcurve._validation import choice, instance, positive_integer
from kcurve.answers import Regex
from kcurve.errors import ArgumentError
from kcurve.llm import Parameters
from kcurve.networks.pairwise import Pairwise, PairwiseUnique
from kcurve.networks.prompts import CRITIC, LIST_JUDGE, PAIR_JUDGE, REVISER, REWRITER
from kcurve.networks.selectors import Chained, FullList, Majority, Selector
from kcurve.prompts import QUESTION_FIELDS, as_template
from kcurve.strategies import Generator, Mixture, StepVerifier, Template, Verifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.answers import Extractor
    from kcurve.llm import LLM

Draw: TypeAlias = Literal["random", "first"]
"""Who wins of those that share first place: a fair draw, or the first of them."""

BEST_ID = Regex(r"(?i)best answer id is\W{0,3}(\d+)")
"""How the reply of a judge is read: the id after the last "best answer id is"."""


@dataclass(frozen=True, slots=True)
class Generate:
    """A node that makes candidates: so many samples of a generator.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    n : int
        How many candidates.
    generator : Generator or Mixture
        What is asked, how, and how the answer is read. All generators of a network read answers alike.

    Examples
    --------
    >>> Generate("draft", 5).n
    5
    """

    name: str
    n: int = 1
    generator: Generator | Mixture = field(default_factory=Generator)

    def __post_init__(self) -> None:
        """Check the name, the number and the generator."""
        _check_name(self.name)
        positive_integer("n", self.n)
        instance("generator", self.generator, Generator, Mixture)

    @property
    def inputs(self) -> tuple[str, ...]:
        """A generator has none."""
        return ()

    @property
    def generators(self) -> tuple[Generator, ...]:
        """Who makes the candidates: one generator, or those of a mixture."""
        given = self.generator
        return tuple(given.generators) if isinstance(given, Mixture) else (given,)

    @property
    def turns(self) -> list[int]:
        """Which of the generators makes each candidate."""
        given = self.generator
        return given.turns(self.n) if isinstance(given, Mixture) else [0] * self.n


@dataclass(frozen=True, slots=True)
class Enhance:
    """A node that criticises every candidate and has it rewritten in view of the criticism.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    inputs : str or sequence of str
        The nodes whose candidates it takes, in order.
    rounds : int
        How often each candidate is criticised and rewritten: two calls a round.
    critic : Template, str or None
        Asks for the criticism, with the field ``{{response}}`` and those of a generator's template. None for a
        rewriter alone: one call a round, a chain of generators.
    rewriter : Template or str, optional
        Asks for the new candidate, with the fields of the critic and ``{{critique}}``. The default is in
        `kcurve.networks.prompts`.
    parameters : Parameters
        How both are sampled.
    llm : LLM, optional
        A model of its own; the default is the one that the network is run with.

    Notes
    -----
    If a call fails the candidate stays what it was for that round.

    Examples
    --------
    >>> Enhance("polish", "draft", rounds=2).calls_per_candidate
    4
    """

    name: str
    inputs: str | Sequence[str]
    rounds: int = 1
    critic: Template | str | None = field(default=CRITIC, kw_only=True)
    rewriter: Template | str | None = field(default=None, kw_only=True)
    parameters: Parameters = field(default_factory=Parameters, kw_only=True)
    llm: LLM | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the name, the inputs and the settings."""
        _check_name(self.name)
        object.__setattr__(self, "inputs", _names(self.name, self.inputs))
        positive_integer("rounds", self.rounds)
        instance("parameters", self.parameters, Parameters)
        known = [*QUESTION_FIELDS, "response"]
        for template in self.templates[:-1]:
            template.require(("response",), known, "a critic")
            known.append("critique")
        self.templates[-1].require(("response",), known, "a rewriter")

    @property
    def calls_per_candidate(self) -> int:
        """How many calls it makes for each candidate."""
        return self.rounds * len(self.templates)

    @property
    def templates(self) -> tuple[Template, ...]:
        """What is asked in a round, in order: critic and rewriter, or the rewriter alone."""
        if self.critic is None:
            return (as_template(self.rewriter or REVISER),)
        return as_template(self.critic), as_template(self.rewriter or REWRITER)


@dataclass(frozen=True, slots=True)
class Filter:
    """A node that keeps the candidates that a verifier finds right; all of them if it finds none.

    A candidate without an answer is dropped without a verdict.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    inputs : str or sequence of str
        The nodes whose candidates it takes, in order.
    verifier : Verifier or StepVerifier
        What is asked about each candidate, and which reply is favourable.

    Examples
    --------
    >>> Filter("check", ["draft", "polish"]).inputs
    ('draft', 'polish')
    """

    name: str
    inputs: str | Sequence[str]
    verifier: Verifier | StepVerifier = field(default_factory=Verifier, kw_only=True)

    def __post_init__(self) -> None:
        """Check the name, the inputs and the verifier."""
        _check_name(self.name)
        object.__setattr__(self, "inputs", _names(self.name, self.inputs))
        instance("verifier", self.verifier, Verifier, StepVerifier)


@dataclass(frozen=True, slots=True)
class Select:
    """A node that selects one of its candidates.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    inputs : str or sequence of str
        The nodes whose candidates it takes, in order; at least two candidates.
    by : Majority, FullList, Pairwise, PairwiseUnique or Chained
        How it decides.
    judge : Template or str, optional
        What is asked about candidates: with the fields of a generator's template, and ``{{candidates}}`` for a
        `FullList`, else ``{{first}}`` and ``{{second}}``. The default is in `kcurve.networks.prompts`.
    verdict : Extractor
        Finds the id of the preferred candidate in a reply, counted from 0; a reply without one, or with one that
        was not shown, is unusable.
    parameters : Parameters
        How the judge is sampled.
    llm : LLM, optional
        A model of its own; the default is the one that the network is run with.
    ties : {"random", "first"}
        Who wins of several that lead: a fair draw, the same one whenever the question is solved again;
        or the first.

    Examples
    --------
    >>> Select("answer", "draft", by=Chained()).by
    Chained()
    """

    name: str
    inputs: str | Sequence[str]
    by: Selector = field(default_factory=Majority, kw_only=True)
    judge: Template | str | None = field(default=None, kw_only=True)
    verdict: Extractor = field(default=BEST_ID, kw_only=True)
    parameters: Parameters = field(default_factory=Parameters, kw_only=True)
    llm: LLM | None = field(default=None, kw_only=True)
    ties: Draw = field(default="random", kw_only=True)

    def __post_init__(self) -> None:
        """Check the name, the inputs and the settings."""
        _check_name(self.name)
        object.__setattr__(self, "inputs", _names(self.name, self.inputs))
        instance("by", self.by, Majority, FullList, Pairwise, PairwiseUnique, Chained)
        instance("parameters", self.parameters, Parameters)
        choice("ties", self.ties, ("random", "first"))
        if not callable(self.verdict):
            raise TypeError(f"verdict must be an extractor, got {self.verdict!r:.80}")
        shown = ("candidates",) if isinstance(self.by, FullList) else ("first", "second")
        for one in shown:
            self.template.require((one,), (*QUESTION_FIELDS, *shown), "a judge")

    @property
    def template(self) -> Template:
        """The judge, or the default one for its selector."""
        if self.judge is not None:
            return as_template(self.judge)
        return LIST_JUDGE if isinstance(self.by, FullList) else PAIR_JUDGE


Node: TypeAlias = Generate | Enhance | Filter | Select
"""Any node of a network."""


def _check_name(name: str) -> None:
    instance("name", name, str)
    if not name.strip() or name != name.strip():
        raise ArgumentError(
            f"the name of a node must be a text without blanks around it, got {name!r}"
        )


def _names(node: str, inputs: str | Sequence[str]) -> tuple[str, ...]:
    """Return inputs as names, at least one, none of them twice."""
    names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    for name in names:
        instance(f"an input of node {node!r}", name, str)
    if not names:
        raise ArgumentError(
            f"node {node!r} has 0 inputs, the least is 1; name the nodes whose candidates it takes"
        )
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(
                f"node {node!r} takes {name!r} {names.count(name)} times, the limit is once; "
                "list it once, or add another node with more candidates"
            )
    return names
