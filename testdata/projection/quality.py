"""Measures maps with scikit-learn and scipy, for the tests of engine/projection/quality: quality.json. What they have no function for (cosine
on the other side, a sample of rows, neighbourhoods in common) is written out here by its definition, and compared with theirs where both do.

  pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
  python quality.py
"""
import json
import pathlib

import numpy as np
from scipy.spatial import procrustes
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness

rng = np.random.default_rng(5)


def rows(x):
    return np.round(x, 4).astype(np.float32).astype(float)


def ranks(d):
    """ranks[i, j] is the rank of row j by its distance from row i, from 1; 0 of itself."""
    d = d.copy()
    np.fill_diagonal(d, -1)
    order = d.argsort(1, kind="stable")
    r = np.empty_like(order)
    np.put_along_axis(r, order, np.arange(len(d))[None], 1)
    return r


def trust(rx, ry, k, sample):
    n, s = len(rx), 0
    for i in sample:
        s += sum(max(0, rx[i, j] - k) for j in range(n) if 1 <= ry[i, j] <= k)
    return 1 - 2 / (len(sample) * k * (2 * n - 3 * k - 1)) * s


def kept(rx, ry, k, sample):
    return [float(np.mean([1 <= ry[i, j] <= k for j in range(len(rx)) if 1 <= rx[i, j] <= k])) for i in sample]


def measure(x, y, metric, k, few, sample):
    rx, ry = ranks(cdist(x, x, metric)), ranks(cdist(y, y))
    t, c = trust(rx, ry, k, sample), trust(ry, rx, k, sample)
    if len(sample) == len(x):
        assert abs(t - trustworthiness(x, y, n_neighbors=k, metric=metric)) < 1e-12
        if metric == "euclidean":
            assert abs(c - trustworthiness(y, x, n_neighbors=k)) < 1e-12
    return dict(metric=metric, k=k, kept=few, sample=len(sample), trust=t, continuity=c, share=float(np.mean(kept(rx, ry, few, sample))))


n = 61
x = rows(rng.normal(size=(n, 6)) + 3 * rng.integers(0, 3, size=(n, 1)))
y = rows(x[:, :2] * [1, -2] + .8 * rng.normal(size=(n, 2)))
z = rows(np.c_[y @ [[.6, .8], [-.8, .6]], np.zeros(n)] * 3 + 5 + .3 * rng.normal(size=(n, 3)))
all_rows, some = range(n), [i * n // 20 for i in range(20)]
out = dict(
    n=n, x=x.ravel().tolist(), y=y.ravel().tolist(), z=z.ravel().tolist(),
    measures=[measure(x, y, "euclidean", 12, 10, all_rows), measure(x, y, "cosine", 5, 7, all_rows), measure(x, y, "euclidean", 12, 10, some),
              measure(x, y, "cosine", 3, 4, some)],
    shared=kept(ranks(cdist(y, y)), ranks(cdist(z, z)), 8, all_rows),
    disparity=dict(yz=procrustes(np.c_[y, np.zeros(n)], z)[2], zy=procrustes(z, np.c_[y, np.zeros(n)])[2], noise=procrustes(y, x[:, 3:5])[2]),
)
text = json.dumps(out, separators=(",", ":"))
(pathlib.Path(__file__).parent / "quality.json").write_text(text + "\n")
