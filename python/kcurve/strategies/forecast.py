"""What a strategy costs, before it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve._validation import instance, number_between
from kcurve.cost import Additive
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog
from kcurve.rules import Vote
from kcurve.search import MCTS
from kcurve.strategies.greedy import Greedy
from kcurve.strategies.sampling import Sampling
from kcurve.strategies.tree_search import TreeSearch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCost:
    """What a question will cost under a strategy.

    Attributes
    ----------
    policy, reward : float
        Generating, and judging or scoring.
    candidates : int
        Candidates, or steps of a search.
    bound : bool
        Whether this is the most it can cost, for tokens as given: so of a search, and with a stopping rule.
    unit : str
        What costs are counted in.
    """

    policy: float
    reward: float
    candidates: int
    bound: bool
    unit: str

    @property
    def total(self) -> float:
        """Both together."""
        return self.policy + self.reward

    def to_dict(self) -> dict[str, Any]:
        """Return the values by name, and the total."""
        return {**asdict(self), "total": self.total}


def expected_cost(
    strategy: Greedy | Sampling | TreeSearch,
    model: Additive,
    *,
    pilot: AnswerLog | None = None,
    tokens_in: float | None = None,
    tokens_out: float | None = None,
) -> ExpectedCost:
    r"""Return what a question will cost under a strategy, before anything is sent.

    Parameters
    ----------
    strategy : Greedy, Sampling or TreeSearch
        The strategy.
    model : Calls, Tokens, Flops, TransformerFlops, Kinetics, Dollars or Latency
        What calls cost.
    pilot : AnswerLog, optional
        A log of a few samples of questions like these, whose tokens are taken; not for a search.
    tokens_in, tokens_out : float, optional
        In place of a log: tokens of a prompt, and of a response; for a search of a step. A search takes the
        limit of a step, or that of its generator, if `tokens_out` is not given.

    Raises
    ------
    ArgumentError
        If both or neither of log and tokens are given, or a search is given a log or a model that is no sum over calls.
    MissingColumnError
        If the model needs tokens that are not given.

    Notes
    -----
    Verdicts of a verifier are in `reward` as far as the model counts them: see `calls_cost`. A search of width w and depth d
    samples at most ``w d`` steps (REBASE that rounds as printed may overrun; MCTS at most its first children and those of every
    other expansion), the step at depth i after a prompt of ``tokens_in + (i - 1) tokens_out`` tokens, and has each
    scored. Steps that share their prompt in one request cost less.

    Examples
    --------
    >>> from kcurve.cost import Flops
    >>> from kcurve.strategies import Generator
    >>> votes = Sampling(Vote(), k=32, generator=Generator())
    >>> f"{expected_cost(votes, Flops(7e9), tokens_out=280).total:.4g} FLOPs"
    '1.254e+14 FLOPs'
    """
    instance("strategy", strategy, Greedy, Sampling, TreeSearch)
    instance("model", model, Additive)
    for name, value in (("tokens_in", tokens_in), ("tokens_out", tokens_out)):
        if value is not None:
            number_between(name, value, 0, 2**53)
    if pilot is not None:
        instance("pilot", pilot, AnswerLog)
        if tokens_in is not None or tokens_out is not None:
            raise ArgumentError(
                "pilot and tokens say the same; give the log, or tokens_in= and tokens_out="
            )
    if isinstance(strategy, TreeSearch):
        if pilot is not None:
            raise ArgumentError(
                "a log of whole responses does not tell the tokens of steps; give tokens_out= of a step"
            )
        return _of_search(strategy, model, tokens_in, tokens_out)
    rule: Rule = Vote() if isinstance(strategy, Greedy) else strategy.rule
    k = 1 if isinstance(strategy, Greedy) else strategy.k
    candidates = 1 if isinstance(strategy, Greedy) else strategy.n_candidates
    log = pilot if pilot is not None else _log_of(candidates, tokens_in, tokens_out)
    found = model.of_calls(log, rule, np.array([k], np.int64))
    stopping = isinstance(strategy, Sampling) and strategy.stopping is not None
    return ExpectedCost(
        policy=float(found.policy.mean()),
        reward=float(found.reward.mean()),
        candidates=candidates,
        bound=stopping,
        unit=model.unit,
    )


def _of_search(
    strategy: TreeSearch, model: Additive, tokens_in: float | None, tokens_out: float | None
) -> ExpectedCost:
    if type(model).of_calls is not Additive.of_calls:
        raise ArgumentError(
            f"the steps of a search depend on each other, so {model!r:.60} has no bound from their "
            "number alone; take Calls, Tokens, Flops, TransformerFlops or Dollars"
        )
    search = strategy.search
    limits = search.limits
    given = (tokens_out, limits.step_tokens, strategy.generator.parameters.max_tokens)
    step = next((each for each in given if each is not None), None)
    depth = np.arange(limits.depth)
    if isinstance(search, MCTS):
        # The deepest steps have the longest prompts: an upper bound takes all at the last depth.
        steps = search.root_children + (search.expansions - 1) * search.children
        number = np.zeros(limits.depth)
        number[-1] = steps
    else:
        number = np.full(limits.depth, float(search.width))
    path = None if tokens_in is None else tokens_in + (0 if step is None else step) * depth
    log = _log_of(limits.depth, path, step)
    policy = float(model.of_samples(log) @ number)
    reward = float(model.of_judging(log, strategy.rule) @ number)
    if (once := model.of_questions(log, strategy.rule)) is not None:
        policy, reward = policy + float(once[0][0]), reward + float(once[1][0])
    return ExpectedCost(
        policy=policy, reward=reward, candidates=int(number.sum()), bound=True, unit=model.unit
    )


def _log_of(
    samples: int,
    tokens_in: float | NDArray[np.floating] | None,
    tokens_out: float | None,
) -> AnswerLog:
    """Return a log of one question whose samples have these tokens."""
    table: dict[str, list[object]] = {
        "question_id": ["any"] * samples,
        "answer": ["any"] * samples,
        "reference": ["any"] * samples,
    }
    for name, value in (("tokens_in", tokens_in), ("tokens_out", tokens_out)):
        if value is not None:
            table[name] = np.broadcast_to(np.asarray(value, float), samples).tolist()
    return AnswerLog.from_table(table)
