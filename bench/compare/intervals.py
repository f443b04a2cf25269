"""Medians, and how sure we are of them: a percentile bootstrap, with a fixed seed, so that the same data say the same."""

import random
from statistics import median

RESAMPLES = 10_000


def median_interval(values, confidence=0.95):
    """The median, and the interval that holds it. With fewer than five values the interval is their range."""
    if len(values) < 5:
        return median(values), min(values), max(values)
    dice = random.Random(7)
    medians = sorted(median(dice.choices(values, k=len(values))) for _ in range(RESAMPLES))
    rest = (1 - confidence) / 2
    return median(values), medians[int(rest * RESAMPLES)], medians[int((1 - rest) * RESAMPLES) - 1]


def ratios(ours, theirs):
    """Of pairs that were measured one after the other."""
    return [a / b for a, b in zip(ours, theirs)]
