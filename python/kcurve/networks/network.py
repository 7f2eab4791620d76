"""Networks of generators, enhancers, filters and selectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kcurve.answers import describe
from kcurve.errors import ArgumentError
from kcurve.networks.calls import Calls, node_calls
from kcurve.networks.drawing import drawing
from kcurve.networks.nodes import Filter, Generate
from kcurve.networks.structure import Count, candidate_counts, check_readings, ordered
from kcurve.networks.voices import described
from kcurve.strategies.drawing import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.answers import Equivalence, Extractor
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.networks.nodes import Node
    from kcurve.networks.qualities import Quality
    from kcurve.networks.result import NetworkSolution
    from kcurve.networks.simulation import Simulation
    from kcurve.strategies import Generator, Mixture


@dataclass(frozen=True, slots=True, init=False)
class Network:
    """A system of LLM calls: nodes that hand candidates on to each other, without cycles.

    Parameters
    ----------
    *nodes : Generate, Enhance, Filter or Select
        In any order; they name the nodes whose candidates they take.
    output : str, optional
        The node whose candidate is the answer; by default the only one that no other takes.

    Attributes
    ----------
    candidates : mapping from node name to (least, most)
        How many candidates each node hands on.

    Raises
    ------
    ArgumentError
        If two nodes share a name, an input is no node, there is a cycle, a node leads nowhere, a
        selector has fewer than two candidates, or the output hands on more than one.

    Notes
    -----
    A reconstruction: networks of this kind are known to us from a summary of an earlier version of Chen
    et al., arXiv 2403.02419, and from the shape of its released code; see docs/concepts/networks.md.

    Examples
    --------
    >>> from kcurve.networks import Enhance, Filter, Generate, Network, Pairwise, Select
    >>> network = Network(
    ...     Generate("draft", n=5),
    ...     Enhance("polish", "draft"),
    ...     Filter("check", ["draft", "polish"]),
    ...     Select("answer", "check", by=Pairwise()),
    ... )
    >>> print(network)
    node            kind              candidates      calls
    answer          select, pairwise           1    0 to 90
    └─ check        filter               1 to 10         10
       ├─ draft     generate                   5          5
       └─ polish    enhance, 1 round           5         10
          └─ draft  (above)
                                                  25 to 115

    What it does with nodes of known quality, without a call: half of the drafts are right, a revision keeps
    95 % of these and mends 20 % of the others, and a judge is right about three pairs in four.

    >>> from kcurve.simulate import Filter as Keeps
    >>> from kcurve.theory import Step
    >>> qualities = {
    ...     "draft": 0.5,
    ...     "polish": Step(0.95, 0.2),
    ...     "check": Keeps(keep_right=0.8, keep_wrong=0.4),
    ...     "answer": 0.75,
    ... }
    >>> print(network.simulate(qualities))
    node    candidates  accuracy      calls
    draft         5.00    0.5010       5.00
    polish        5.00    0.5743      10.00
    check         6.16    0.6984      10.00
    answer        1.00    0.7964      13.14
    accuracy 0.7964 +- 0.0028, 38.14 calls, 20,000 runs
    """

    nodes: tuple[Node, ...]
    output: str
    candidates: Mapping[str, Count] = field(repr=False, compare=False)

    def __init__(self, *nodes: Node, output: str | None = None) -> None:
        """Check the nodes and put them in order."""
        by_name, final = ordered(nodes, output)
        check_readings(by_name.values())
        object.__setattr__(self, "nodes", tuple(by_name.values()))
        object.__setattr__(self, "output", final)
        object.__setattr__(self, "candidates", candidate_counts(by_name, final))

    def __getitem__(self, name: str) -> Node:
        """Return the node with this name."""
        for node in self.nodes:
            if node.name == name:
                return node
        names = ", ".join(repr(node.name) for node in self.nodes)
        raise ArgumentError(f"{name!r} is none of the nodes {names}; use one of these names")

    def __str__(self) -> str:
        """Draw the network."""
        return drawing(self)

    def calls(self) -> Calls:
        """Return the fewest and the most calls of each node, if none of them fails.

        Examples
        --------
        >>> from kcurve.networks import Chained, Generate, Network, Select
        >>> calls = Network(Generate("a", 4), Select("b", "a", by=Chained())).calls()
        >>> calls.least, calls.most, calls["b"].formula
        (4, 7, 'n - 1')
        """
        return Calls(tuple(node_calls(node, self.candidates) for node in self.nodes))

    @property
    def calls_per_question(self) -> int:
        """The most calls that a question takes, if none of them fails."""
        return self.calls().most

    @property
    def extract(self) -> Extractor:
        """How answers are read from candidates: as all generators read them."""
        return self._generator.extract

    @property
    def equivalence(self) -> Equivalence:
        """Which answers are the same: as all generators say."""
        return self._generator.equivalence

    @property
    def _generator(self) -> Generator | Mixture:
        return next(node.generator for node in self.nodes if isinstance(node, Generate))

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON: equal descriptions are one run."""
        return {
            "strategy": "Network",
            "nodes": [described(node, llm.identity) for node in self.nodes],
            "output": self.output,
            "verdict": next(
                (
                    describe(node.verifier.verdict)
                    for node in self.nodes
                    if isinstance(node, Filter) and node.name == "filter"
                ),
                None,
            ),
            "model": llm.model,
            "dataset": dataset,
            **self._generator.reading(),
        }

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> NetworkSolution:
        """Return the answer to a question; samples that the store has cost nothing.

        Nodes that do not wait for each other run at the same time, and so do the calls of a node, as many as the
        model allows. In the store the samples of a node have its name as their role, and the number of the candidate that
        they are, or that they are about: ``llm.store.log(role="draft")`` is the answer log of a node called draft,
        and the verdicts of a node called filter are the keep column of the candidates that it judged.

        Parameters
        ----------
        llm : LLM
            The model of all nodes without one of their own, and the store.
        question : Question
            What is asked.
        rng : int
            Decides ties.
        run : int, optional
            The run that it belongs to, a row of the store; the default is the run of this network, model and
            data set.

        Returns
        -------
        NetworkSolution
            The answer, and what each node handed on and cost.

        Raises
        ------
        ArgumentError
            If a node has a model with another store.
        LLMError
            If the server refuses.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.

        Notes
        -----
        Solved again, with the same store, a question makes the same requests and pays for none of them; after an
        interruption it pays for those that are missing. Nodes that ask alike take samples of their own: two
        equal generators are independent.
        """
        from kcurve.networks.live import Solving, checked_stores  # noqa: PLC0415 - brings asyncio

        checked_stores(self, llm)
        if run is None:
            run = llm.store.run(self.description(llm, question.dataset))
        place = Place(run, llm.store.question(question))
        return await Solving(self, llm, question, place=place, rng=rng).solution()

    def simulate(
        self, qualities: Mapping[str, Quality], *, n_runs: int = 20_000, rng: int = 0
    ) -> Simulation:
        """Play the network with nodes of known quality, many times over; no call is made.

        Parameters
        ----------
        qualities : mapping from node name to quality
            For a `Generate` the chance that a candidate is right, or the probabilities of answers, the right one
            first, a row for each question if there are several: what a row lacks of 1 is the chance of no answer,
            and equal positions are the same answer at all generators. For an `Enhance` a
            `kcurve.theory.Step`, per round. For a `Filter` a `kcurve.simulate.Filter`. For a `Select` the chance
            that of a right and a wrong candidate the right one is preferred; for a `FullList` also the chance
            that a right one is named as a function of the share that is right, such as
            `kcurve.theory.OddsQuality`, which a number stands for. A `Majority` has none.
        n_runs : int
            How often it is run, at least; as often for each question.
        rng : int
            Seed. The same seed gives the same result.

        Returns
        -------
        Simulation
            Accuracy with its standard error, the exact one where a closed form is known, and what each node
            handed on and cost.

        Raises
        ------
        ArgumentError
            If a quality is missing, out of range, or of no node.

        Notes
        -----
        Wrong answers that differ beat each other half the time. What an enhancer spoils becomes a
        wrong answer that the generators know, all with the same chance. A filter drops a candidate without an
        answer.

        Examples
        --------
        >>> from kcurve.networks import Chained, Generate, Network, Select
        >>> network = Network(Generate("draft", 3), Select("answer", "draft", by=Chained()))
        >>> print(network.simulate({"draft": 0.3, "answer": 0.7}))
        node    candidates  accuracy      calls
        draft         3.00    0.2974       3.00
        answer        1.00    0.4325       0.87
        accuracy 0.4325 +- 0.0035, exactly 0.4327, 3.87 calls, 20,000 runs
        """
        from kcurve.networks.simulation import simulated  # noqa: PLC0415 - only needed here

        return simulated(self, qualities, n_runs=n_runs, rng=rng)
