"""The simulated world twice more: node by node with the core's random numbers, and as an enumeration of all its outcomes."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, exp, inf, log, prod, sqrt

from tests.oracles import rebase, search as plain

WORDS = 2**64
GOLDEN = 0x9E3779B97F4A7C15
WORLD = 6


def mixed(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORDS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORDS
    return z ^ (z >> 31)


def identity(*names):
    """FNV-1a over the names, each closed by a zero byte, mixed."""
    text = 0xCBF29CE484222325
    for byte in b"".join(name + b"\0" for name in names):
        text = (text ^ byte) * 0x100000001B3 % WORDS
    return mixed(text)


class Stream:
    """xoshiro128++, from a key of seed, identity and purpose."""

    def __init__(self, seed, name):
        seeded = mixed((seed + GOLDEN) % WORDS)
        named = mixed(((seeded ^ name) + GOLDEN) % WORDS)
        key = mixed((named + WORLD * GOLDEN) % WORDS)
        low, high = (mixed((key + half * GOLDEN) % WORDS) for half in (1, 2))
        self.state = [low % 2**32, low >> 32, high % 2**32, high >> 32 | 1]

    def bits(self):
        a, b, c, d = self.state
        result = (_rotated((a + d) % 2**32, 7) + a) % 2**32
        shifted = (b << 9) % 2**32
        c, d = c ^ a, d ^ b
        self.state = [a ^ d, b ^ c, c ^ shifted, _rotated(d, 11)]
        return result

    def unit(self):
        high, low = self.bits(), self.bits()
        return ((high << 20 | low >> 12) + 0.5) / 2**52

    def normal(self):
        while True:
            x, y = 2 * self.unit() - 1, 2 * self.unit() - 1
            square = x * x + y * y
            if 0 < square < 1:
                return x * sqrt(-2 * log(square) / square)


def _rotated(word, by):
    return (word << by | word >> (32 - by)) % 2**32


@dataclass(frozen=True)
class Twin:
    """A question of a `StepWorld` in one run; ``node(path)`` is what every search finds at a path of child numbers."""

    world: object
    accuracy: float
    question: int
    run: int
    seed: int

    def luck(self, path):
        name = identity(self.question.to_bytes(8, "little"), self.run.to_bytes(8, "little"))
        for child in path:
            name = mixed((name + (child + 1) * GOLDEN) % WORDS)
        return Stream(self.seed, name)

    def node(self, path):
        """Return answer, reward, and the tokens that the step would like to have."""
        world, luck = self.world, self.luck(path)
        before = self.node(path[:-1])[0] if len(path) > 1 else 0
        answer = before
        if len(path) <= world.steps:
            step, which = luck.unit(), luck.unit()
            if before == 0 and step >= self.accuracy:
                ends = list(itertools.accumulate(world.mistake_shares))
                answer = 1 + sum(which >= end for end in ends[:-1])
            elif before != 0 and step < world.recovery:
                answer = 0
        side = 0.5 if answer == 0 else -0.5
        reward = 1 / (1 + exp(-(side * world.reward.shift + luck.normal())))
        spread = world.tokens_spread
        tokens = world.tokens * exp(spread * luck.normal() - spread**2 / 2)
        return answer, reward, max(1, int(tokens + 0.5))

    def told(self, path, limits):
        """Return reward, tokens and status under the limits of a search."""
        used = sum(self.told(path[:i], limits)[1] for i in range(1, len(path)))
        _, reward, wanted = self.node(path)
        most = min(limits.step_tokens or inf, (limits.path_tokens or inf) - used)
        ends = len(path) >= self.world.steps and wanted <= most
        return reward, min(wanted, most), plain.COMPLETE if ends else plain.OPEN

    def outcome(self, method, aggregation):
        """Return what a search brings, by name."""
        limits = method.limits
        tree = plain.Grown(
            cache(lambda path: self.told(path, limits)),
            depth=limits.depth,
            path_tokens=limits.path_tokens or inf,
        )
        settings = {name: getattr(method, name) for name in method.__slots__}
        match type(method).__name__:
            case "Rebase":

                def widths(rewards, budget):
                    return rebase.ceil_widths(rewards, budget, method.temperature)

                plain.rebase(tree, method.width, widths)
            case "MCTS":
                del settings["limits"]
                plain.mcts(tree, **settings)
            case kind:
                branching = settings.get("branching", 1)
                plain.beam(tree, method.width, branching, separate=kind != "BeamSearch")
        return self.judged(tree.nodes[1:], aggregation)

    def judged(self, nodes, aggregation):
        of_path = {
            "last": lambda rewards: rewards[-1],
            "min": min,
            "prod": prod,
            "mean": lambda rewards: sum(rewards) / len(rewards),
        }[aggregation]
        solutions = [node for node in nodes if node.status == plain.COMPLETE]
        answers = [self.node(node.path)[0] for node in solutions]
        scores = [of_path(node.rewards) for node in solutions]
        best = [
            answer for answer, score in zip(answers, scores, strict=True) if score == max(scores)
        ]
        return {
            "vote": credit(answers, [1] * len(answers)),
            "weighted_vote": credit(answers, scores),
            "best_of_n": share_right(best) if best else 0,
            "any_right": float(0 in answers),
            "solutions": len(solutions),
            "cut": sum(node.status == plain.CUT for node in nodes),
            "steps": len(nodes),
            "tokens": sum(node.tokens for node in nodes),
        }


def share_right(answers):
    return Fraction(answers.count(0), len(answers))


def credit(answers, weights):
    """Return the share that answer 0 has of the first place of a vote."""
    claims = dict.fromkeys(answers, 0)
    for answer, weight in zip(answers, weights, strict=True):
        claims[answer] += weight
    first = [answer for answer, claim in claims.items() if claim == max(claims.values())]
    return Fraction(first.count(0), len(first)) if first else Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Beams:
    """All that a beam search can meet in a world of few steps, with its probability.

    Rewards tell right from wrong nodes surely (`perfect`) or not at all; nodes that they do not tell apart are in every
    order equally likely. With `separate` beams of `branching` paths the search is DVTS.
    """

    width: int
    branching: int
    separate: bool
    perfect: bool
    steps: int
    accuracy: Fraction
    recovery: Fraction
    mistakes: tuple[Fraction, ...]

    def outcome(self):
        """Return the expected vote, any_right and share_right."""
        sizes = [self.width]
        if self.separate:
            firsts = range(0, self.width, self.branching)
            sizes = [min(self.branching, self.width - first) for first in firsts]
        totals = dict.fromkeys(("vote", "any_right", "share_right"), Fraction(0))
        for groups in itertools.product(*(self.solutions(size).items() for size in sizes)):
            answers = [answer for level, _ in groups for answer in level]
            chance = prod(chance for _, chance in groups)
            totals["vote"] += chance * credit(answers, [1] * len(answers))
            totals["any_right"] += chance * (0 in answers)
            totals["share_right"] += chance * share_right(answers)
        return totals

    def solutions(self, size):
        """Return the distribution of the last level, as sorted tuples of answers."""
        levels = self.grown((0,) * size)
        for _ in range(self.steps - 1):
            following = Counter()
            for level, chance in levels.items():
                for parents, kept in self.continued(level).items():
                    for children, born in self.grown(parents).items():
                        following[children] += chance * kept * born
            levels = following
        return levels

    def grown(self, parents):
        """Return the distribution of a child of each of these nodes."""
        levels = Counter()
        for children in itertools.product(*(list(self.step(before)) for before in parents)):
            level = tuple(sorted(answer for answer, _ in children))
            levels[level] += prod(chance for _, chance in children)
        return levels

    def step(self, before):
        """Yield the answers that can follow, with their probabilities."""
        if before == 0:
            yield 0, self.accuracy
            for mistake, chance in enumerate(self.mistakes, start=1):
                yield mistake, (1 - self.accuracy) * chance
        else:
            yield 0, self.recovery
            yield before, 1 - self.recovery

    def continued(self, level):
        """Return the distribution of the nodes that go on, each as often as it does."""
        parents = Counter()
        size = len(level)
        keep = ceil(Fraction(size, self.branching))
        orders = list(itertools.permutations(level))
        for order in orders:
            ranked = sorted(order, key=bool) if self.perfect else order
            times = [size // keep + (rank < size % keep) for rank in range(keep)]
            chosen = (itertools.repeat(*one) for one in zip(ranked, times, strict=False))
            parents[tuple(sorted(itertools.chain(*chosen)))] += Fraction(1, len(orders))
        return parents
