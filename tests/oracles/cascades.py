"""Cascades by enumeration: every draw of the first system, every draw of the second."""

from collections import Counter
from itertools import combinations


def margin(answers, no_answer="ignore"):
    """The leading answer and its lead; None if two lead."""
    votes = Counter(a for a in answers if a >= 0 or no_answer == "vote").most_common()
    if not votes:
        return None, 0
    runner_up = votes[1][1] if len(votes) > 1 else 0
    return (votes[0][0] if votes[0][1] > runner_up else None), votes[0][1] - runner_up


def vote_credit(answers, correct, no_answer="ignore"):
    """The share of first place that the correct answer takes."""
    votes = Counter(a for a in answers if a >= 0 or no_answer == "vote")
    if not votes:
        return 0.0
    top = max(votes.values())
    leaders = [a for a, n in votes.items() if n == top]
    return (correct in leaders) / len(leaders)


def cascade(first, second, correct, *, calls, lead, prices, no_answer="ignore"):
    """Expected score and cost of one question: answers of both systems, the code that is correct."""
    early, late = (
        [list(draw) for draw in combinations(answers, k)]
        for answers, k in zip((first, second), calls, strict=True)
    )
    score = cost = 0.0
    for draw in early:
        leader, by = margin(draw, no_answer)
        cost += calls[0] * prices[0]
        if by >= lead:
            score += leader == correct
        else:
            score += sum(vote_credit(d, correct, no_answer) for d in late) / len(late)
            cost += calls[1] * prices[1]
    return score / len(early), cost / len(early)
