"""Costs as plain sums: over tokens, over subsets, over clocks."""

from fractions import Fraction
from itertools import combinations


def transformer_flops(active, layers, width, tokens, after):
    """2 P a token, and 4 L h for every token it attends to, itself among them."""
    total = 0
    for position in range(after + 1, after + tokens + 1):
        total += 2 * active + 4 * layers * width * position
    return total


def kinetics(lengths, *, active, layers, heads, head, kv_heads, read, intensity):
    """Samples generated side by side, token by token; 2 bytes a number, the half pair of a token with itself."""
    flops, elements = Fraction(0), Fraction(0)
    for length in lengths:
        for token in range(length):
            context = read + Fraction(2 * token + 1, 2)
            flops += 2 * active + 4 * layers * heads * head * context
    for token in range(max(lengths)):
        elements += 2 * layers * kv_heads * head * read
        for length in lengths:
            if token < length:
                elements += 2 * layers * kv_heads * head * Fraction(2 * token + 1, 2)
    return flops + Fraction(intensity) * 2 * elements


def kinetics_formula(n, *, active, group, cached, read, written, intensity):
    """The published sum, for samples of one length."""
    return (
        2 * n * active * written
        + 2 * group * n * read * cached * written
        + group * n * cached * written**2
        + 2 * intensity * read * cached * written
        + intensity * n * cached * written**2
    )


def mean_over_subsets(values, size, statistic):
    """The mean of a statistic over all subsets of a size."""
    chosen = list(combinations(values, size))
    return sum(Fraction(statistic(each)) for each in chosen) / len(chosen)


def mean_over_orders(values, size, statistic):
    """The mean of a statistic over all ordered choices, by splitting off one after another."""
    if size == 0:
        return Fraction(statistic(()))

    def walk(chosen, left, depth):
        if depth == 0:
            return Fraction(statistic(chosen))
        return sum(
            walk((*chosen, value), left[:i] + left[i + 1 :], depth - 1)
            for i, value in enumerate(left)
        ) / len(left)

    return walk((), tuple(values), size)


def rounds(latencies, parallelism):
    """When the last round of calls ends."""
    return sum(max(latencies[i : i + parallelism]) for i in range(0, len(latencies), parallelism))


def list_schedule(latencies, parallelism):
    """When the last call ends if each begins as soon as a place is free."""
    free = [0] * parallelism
    for latency in latencies:
        place = free.index(min(free))
        free[place] += latency
    return max(free)
