"""Answers what scipy says of the questions on its standard input, in their order."""

import json
import sys

import numpy as np
from scipy import stats


def u_from_mean(x, y, axis):
    ranks = stats.rankdata(np.concatenate([x, y], axis=axis), axis=axis)
    own = np.take(ranks, range(x.shape[axis]), axis=axis).sum(axis=axis)
    n, m = x.shape[axis], y.shape[axis]
    return abs(own - n * (n + 1) / 2 - n * m / 2)


def counted(base, other):
    """All permutations of few values, with ties, which its own exact test has not."""
    test = stats.permutation_test(
        (base, other), u_from_mean, vectorized=True, n_resamples=np.inf, alternative="greater", axis=0
    )
    return [test.pvalue]


def bootstrapped(base, other, alphas):
    """Both ends for each alpha, by the same resamples."""
    ends = []
    for alpha in alphas:
        found = stats.bootstrap(
            (base, other),
            lambda x, y, axis: np.median(y, axis=axis) - np.median(x, axis=axis),
            n_resamples=20000,
            confidence_level=1 - alpha,
            method="percentile",
            random_state=1,
        )
        ends += found.confidence_interval
    return ends


def mann_whitney(base, other, method):
    test = stats.mannwhitneyu(other, base, alternative="two-sided", method=method)
    return [test.statistic / len(base) / len(other), test.pvalue]


ANSWERS = {
    "exact": lambda q: mann_whitney(q["base"], q["other"], "exact"),
    "asymptotic": lambda q: mann_whitney(q["base"], q["other"], "asymptotic"),
    "counted": lambda q: counted(q["base"], q["other"]),
    "bootstrapped": lambda q: bootstrapped(q["base"], q["other"], q["alphas"]),
    "quantile": lambda q: [np.quantile(q["values"], q["q"])],
    "tail": lambda q: [stats.norm.sf(q["z"])],
    "isf": lambda q: [stats.norm.isf(q["p"])],
}

json.dump([ANSWERS[question["ask"]](question) for question in json.load(sys.stdin)], sys.stdout)
