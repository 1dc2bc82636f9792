"""Held-out sources with their references, for the page to translate, score and look up: web/texts/{g2p,dates}.tsv.

    python pairs.py

Every fourth held-out word of CMUdict with its first pronunciation (BSD-2-Clause, (c) 1993-2015 Carnegie Mellon University), and 1000 of dates.py's
held-out sources. None of them was learnt from.
"""
import common, dates, g2p

TEXTS = common.OUT.parent / "texts"


def write(name, rows):
    lines = ["source\ttarget"] + ["\t".join(row) for row in rows]
    (TEXTS / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(name, len(rows))


said = g2p.dictionary()
words = [w for w in said if g2p.part(w) == "test"]
write("g2p.tsv", [(w, " ".join(said[w][0])) for w in words[::4]])
write("dates.tsv", [(" ".join(r[2]), " ".join(r[3])) for r in dates.made("test", 1000, dates.SEED + 2)])
