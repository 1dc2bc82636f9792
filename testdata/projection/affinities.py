"""Writes affinities.json: P of 80 rows by scikit-learn, and KL of two maps of them by its definition.

pip install -r requirements.txt; python affinities.py
"""

import json

import numpy
from scipy.sparse import csr_matrix
from scipy.spatial.distance import pdist, squareform
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors

N, K, PERPLEXITY = 80, 24, 8.0


def kl(p, y):
    """The sum of p ln(p / q) over ordered pairs (van der Maaten and Hinton 2008, equations 4 and 5)."""
    w = 1 / (1 + squareform(pdist(y)) ** 2)
    numpy.fill_diagonal(w, 0)
    q = w / w.sum()
    at = p > 0
    return float((p[at] * numpy.log(p[at] / q[at])).sum())


def main():
    r = numpy.random.default_rng(1)
    x = (r.normal(size=(N, 6)) * [1, 2, 3, 1, 1, 5] + 4 * r.integers(0, 3, size=(N, 1))).astype("float32")
    dist, index = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(x).kneighbors()
    dist = dist.astype("float32")
    squares = csr_matrix((dist.astype("float64").ravel() ** 2, index.ravel(), numpy.arange(0, N * K + 1, K)), shape=(N, N))
    p = _joint_probabilities_nn(squares, PERPLEXITY, 0).toarray()
    rows, cols = numpy.nonzero(numpy.triu(p))
    out = {
        "n": N, "k": K, "perplexity": PERPLEXITY,
        "index": index.ravel().tolist(), "dist": [float(str(d)) for d in dist.ravel()],
        "row": rows.tolist(), "col": cols.tolist(), "p": [float(f"{v:.7g}") for v in p[rows, cols]],
    }
    for dims in 2, 3:
        y = (r.normal(size=(N, dims)) * 5).round(3)
        out[f"y{dims}"], out[f"kl{dims}"] = y.ravel().tolist(), round(kl(p, y), 8)
    with open("affinities.json", "w") as f:
        json.dump(out, f, separators=(",", ":"))


main()
