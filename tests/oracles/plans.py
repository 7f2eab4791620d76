"""What a plan says of its draws, counted one by one."""


def affordable(points, budget):
    """The points whose mean cost is within the budget."""
    return [p for p in range(len(points)) if points.mean_cost[p] <= budget * (1 + 1e-9)]


def best(points, budget):
    """The affordable point of highest accuracy; of equals the cheapest, then of fewest calls."""
    allowed = affordable(points, budget)
    top = max(points.accuracy[p] for p in allowed)
    equals = [p for p in allowed if points.accuracy[p] >= top - 1e-12]
    return min(equals, key=lambda p: (points.mean_cost[p], points.k[p]))


def best_probabilities(accuracy, cost, budget):
    """How often each point is the best that the drawn costs allow; equals share."""
    won = [0.0] * len(accuracy[0])
    contests = 0
    for scores, costs in zip(accuracy, cost, strict=True):
        allowed = [p for p, c in enumerate(costs) if c <= budget * (1 + 1e-9)]
        if not allowed:
            continue
        contests += 1
        top = max(scores[p] for p in allowed)
        leaders = [p for p in allowed if scores[p] >= top - 1e-12]
        for p in leaders:
            won[p] += 1 / len(leaders)
    return [w / contests for w in won]


def near_best(accuracy, cost, budget, tolerance, point):
    """How often a point is at most the tolerance below the best that the drawn costs allow."""
    count = 0
    for scores, costs in zip(accuracy, cost, strict=True):
        allowed = [s for s, c in zip(scores, costs, strict=True) if c <= budget * (1 + 1e-9)]
        count += all(scores[point] >= s - tolerance - 1e-12 for s in allowed)
    return count / len(accuracy)


def optimism(points, measured, budget):
    """By how much the winner of a draw exceeds its accuracy in the log, on average."""
    allowed = affordable(points, budget)
    gaps = []
    for scores in measured:
        winner = max(allowed, key=lambda p: scores[p])
        gaps.append(scores[winner] - points.accuracy[winner])
    return max(0.0, sum(gaps) / len(gaps))
