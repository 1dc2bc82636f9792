"""Writes small sets of word vectors in every form that people have: testdata/formats/vectors. The forms are those of word2vec's
and GloVe's C programs and of fastText, written out here; word i has the numbers ((7 * i + 3 * j) % 101 - 50) / 64 at place j.

  python vector_files.py
"""
import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parent.parent / "formats" / "vectors"
OUT.mkdir(exist_ok=True)
WORDS = ["</s>", "the", "cat", "sat", "on", "mat", "été", "中", "a-b", "1990", "0.5", "…"]
D = 6
V = np.array([[((7 * i + 3 * j) % 101 - 50) / 64 for j in range(D)] for i in range(len(WORDS))], dtype=np.float32)


def text(word, v, sep=" ", form="{:.6f}"):
    return sep.join([word] + [form.format(x) for x in v] if word is not None else [form.format(x) for x in v])


def write(name, *lines, end="\n"):
    (OUT / name).write_bytes("".join(l + end for l in lines).encode())


rows = list(zip(WORDS, V))
write("word2vec.txt", f"{len(WORDS)} {D}", *(text(w, v) for w, v in rows))
write("fasttext.vec", f"{len(WORDS)} {D}", *(text(w, v, form="{:.8g}") + " " for w, v in rows))
write("glove.txt", *(text(w, v, form="{!s}" if i % 2 else "{:.5e}") for i, (w, v) in enumerate((w, v.astype(float)) for w, v in rows)))
write("spaces.txt", *(text(w, v) for w, v in rows[1:4]), text("at name.com", V[4]), text(". . .", V[5]))
write("windows.tsv", *(text(w, v, "\t") for w, v in rows[1:]), end="\r\n")
write("metadata.tsv", "id\tword", *(f"{i}\t{w}" for i, w in enumerate(WORDS)))
write("vectors.tsv", *(text(None, v, "\t") for v in V))
head = f"{len(WORDS)} {D}\n".encode()
(OUT / "word2vec.bin").write_bytes(head + b"".join(w.encode() + b" " + v.tobytes() + b"\n" for w, v in rows))  # word2vec.c
(OUT / "gensim.bin").write_bytes(head + b"".join(w.encode() + b" " + v.tobytes() for w, v in rows))  # gensim ends nothing
np.save(OUT / "embedding_matrix.npy", V)
