"""Writes land.json: where openTSNE places rows among those of a map that is made (its transform), after some iterations.

pip install -r requirements.txt; python land.py
"""

import json

import numpy as np
from openTSNE import TSNE

rng = np.random.default_rng(7)
centres = rng.normal(size=(4, 6)) * 3
x = (centres[np.arange(90) % 4] + rng.normal(size=(90, 6))).round(3)
new = (centres[np.arange(10) % 4] + rng.normal(size=(10, 6))).round(3)
new[8] = x[11]  # one that is in the map already
new[9] = (centres[0] + centres[1]) / 2  # and one between two clusters

options = dict(neighbors="exact", negative_gradient_method="bh", theta=0, n_jobs=1)
y = TSNE(perplexity=12, random_state=3, **options).fit(x)
y -= (np.max(y, axis=0) + np.min(y, axis=0)) / 2  # transform does so first
start = y.prepare_partial(new, perplexity=5, initialization="median", k=25)
landed = {n: y.prepare_partial(new, perplexity=5, initialization="median", k=25) for n in (1, 20, 250)}
for n, e in landed.items():  # as TSNEEmbedding.transform does
    e.optimize(n_iter=n, learning_rate=0.1, exaggeration=1.5, momentum=0.8, max_grad_norm=0.25, max_step_norm=None, inplace=True)
assert np.allclose(landed[250], y.transform(new), atol=1e-9)


def rows(a, digits):
    return [[round(float(v), digits) for v in row] for row in np.asarray(a)]


with open("land.json", "w") as f:
    json.dump({"x": rows(x, 3), "y": rows(y, 6), "new": rows(new, 3), "start": rows(start, 6), "after": {n: rows(e, 6) for n, e in landed.items()}}, f)
