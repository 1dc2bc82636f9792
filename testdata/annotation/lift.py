"""Writes lift.json, by which engine/annotation's tests are held:

  counts   [here, of, with, all, p, scipy]: p is the two-sided p of Fisher's exact test with 40 digits (the sum of the probabilities
           of all counts that are at most 1+1e-7 times as likely, R's rule), scipy what scipy.stats.fisher_exact gives
  correct  lists of p values, and those that scipy.stats.false_discovery_control makes of them

  python lift.py
"""
import json, random

import mpmath as mp
from scipy import stats

mp.mp.dps = 40
random.seed(6)


def exact(here, of, have, total):
    lo, hi = max(0, of + have - total), min(of, have)

    def log_p(k):
        return sum(mp.loggamma(a + 1) - mp.loggamma(b + 1) - mp.loggamma(a - b + 1) for a, b in [(have, k), (total - have, of - k)]) \
            - (mp.loggamma(total + 1) - mp.loggamma(of + 1) - mp.loggamma(total - of + 1))

    own = log_p(here)
    limit = own + mp.log(1 + mp.mpf(10) ** -7)

    def tail(k, step):
        """The sum from k outwards, in units of p(here)."""
        if k < lo or k > hi:
            return mp.mpf(0)
        term = total_ = mp.exp(log_p(k) - own)
        while lo <= k + step <= hi and term > total_ * mp.mpf(10) ** -35:
            if step > 0:
                term *= mp.mpf(have - k) * (of - k) / ((k + 1) * mp.mpf(total - have - of + k + 1))
            else:
                term *= mp.mpf(k) * (total - have - of + k) / ((have - k + 1) * mp.mpf(of - k + 1))
            k += step
            total_ += term
        return total_

    mode = min(max((of + 1) * (have + 1) // (total + 2), lo), hi)
    if log_p(mode) <= limit:
        return 1.0
    a, b = (lo - 1, mode)  # the last at the left that is no likelier, by bisection
    while b - a > 1:
        m = (a + b) // 2
        a, b = (m, b) if log_p(m) <= limit else (a, m)
    left = a
    a, b = (mode, hi + 1)
    while b - a > 1:
        m = (a + b) // 2
        a, b = (a, m) if log_p(m) <= limit else (m, b)
    return float(min(1, mp.exp(own) * (tail(left, -1) + tail(b, 1))))


rows = [[0, 0, 5, 10], [0, 5, 0, 10], [5, 5, 5, 10], [0, 5, 5, 10], [3, 10, 3, 10], [1, 1, 1, 1], [2, 4, 4, 8], [1, 4, 4, 8], [3, 4, 4, 8],
        [10, 20, 10**6, 10**7], [0, 1000, 10, 10**7], [1000, 1000, 1000, 10**7], [500_000, 10**6, 5 * 10**6, 10**7],
        [501_000, 10**6, 5 * 10**6, 10**7], [499_300, 10**6, 5 * 10**6, 10**7], [250, 10**4, 10**5, 10**7], [100, 10**4, 10**5, 10**7]]
for total in [30, 30, 30, 1000, 1000, 10**5, 10**5, 10**7, 10**7]:
    for _ in range(8):
        of, have = random.randint(0, total), random.randint(0, total)
        if random.random() < .5:
            of, have = of // 50, have // 20
        mean = of * have / total
        sd = (mean * (1 - have / total) * (1 - of / total)) ** .5
        here = round(random.gauss(mean, 3 * sd + 1))
        rows.append([min(max(here, 0, of + have - total), of, have), of, have, total])
counts = []
for here, of, have, total in rows:
    p = stats.fisher_exact([[here, of - here], [have - here, total - of - have + here]]).pvalue
    counts.append([here, of, have, total, exact(here, of, have, total), float(p)])
lists = [[], [.5], [.01, .02, .03, .04, .05], [.05, .04, .03, .02, .01], [1, 1, 0, 0, .5, .5], [random.random() ** 3 for _ in range(40)]]
correct = [[l, [float(q) for q in stats.false_discovery_control(l)] if l else []] for l in lists]
json.dump({"counts": counts, "correct": correct}, open("lift.json", "w"), separators=(",", ":"))
