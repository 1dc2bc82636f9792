"""Writes what engine/annotation/brill needs of Eric Brill's tagger, version 1.14, as TextBlob has it:

  engine/annotation/brill/rules.txt    its rules, of form and of context
  engine/annotation/brill/lexicon.txt  those of its words in small letters that the rules of form give another tag than it has, and its marks
  brill.json                           sentences, and the tags that TextBlob's parts give them with that lexicon and those rules

  python brill.py
"""
import collections, json, pathlib, random, re

import textblob
from textblob import _text

HERE = pathlib.Path(__file__).parent
OUT = HERE.parents[1] / "engine" / "annotation" / "brill"
EN = pathlib.Path(textblob.__file__).parent / "en"
NOTICE = """# Of the tagger of Eric Brill (A simple rule-based part of speech tagger, 1992), version 1.14, trained on the Brown corpus and the
# Penn Treebank. Copyright 1993 by the Massachusetts Institute of Technology and the University of Pennsylvania. All rights
# reserved. MIT license. Some words were added from the Twitter Part-of-Speech Annotated Data (Gimpel et al. 2011), CC-BY 3.0.
# testdata/annotation/brill.py makes this file.
"""


def lines(name):
    text = (EN / name).read_text(encoding="utf-8")
    return [l.split() for l in text.splitlines() if l.strip() and not l.startswith(";;;")]


full = {l[0]: l[1].split("|")[0] for l in lines("en-lexicon.txt")}
small = {w: t for w, t in full.items() if re.fullmatch(r"[a-z]+(?:-[a-z]+)?|'[a-z]+|n't", w)}
small["i"] = "PRP"
marks = {w: full[w] for w in [".", ",", ";", ":", "?", "!", "(", ")", "-", "--", "...", "''", "``", '"', "&", "%", "$"] if w in full}
form = _text.Morphology(path=str(EN / "en-morphology.txt"))


def guess(word, lexicon):
    form.lexicon = lexicon
    return form.apply([word, "NN"])[1]


kept = {w: t for w, t in small.items() if guess(w, small) != t}
kept |= {w: t for w, t in small.items() if guess(w, kept) != t}
kept |= marks
right = sum(kept.get(w) == t or w not in kept and guess(w, kept) == t for w, t in small.items())
print(f"{len(kept)} of {len(small)} words kept; {right / len(small):.4f} have their tag")

by = collections.defaultdict(list)
for w, t in kept.items():
    by[t].append(w)
(OUT / "lexicon.txt").write_text(NOTICE + "".join(f"{t} {' '.join(sorted(ws))}\n" for t, ws in sorted(by.items())))
rules = ["# of form"] + [" ".join(l) for l in lines("en-morphology.txt")] + ["# of context"] + [" ".join(l) for l in lines("en-context.txt")]
(OUT / "rules.txt").write_text(NOTICE + "\n".join(rules) + "\n")

random.seed(6)
words = sorted(small)
common = sorted(w for w, t in kept.items() if t in ("DT", "IN", "PRP", "PRP$", "CC", "TO", "MD", "WDT", "WP", "WRB", "VBZ", "VBP", "RB"))
sentences = [s.split() for s in [
    "the old man the boats", "i would like to book a table for two", "he has never seen her run so well", "time flies like an arrow ; fruit flies like a banana",
    "they were told that it had been done", "what do you want me to say to him ?", "she 's going to the house where he did n't live", "in 1984 it cost 3.50 or 20 %",
    "thou art more lovely and more temperate", "zorbling quickly , the unfrobbed glarks ran", "as far as i know , as well as he does"]]
for _ in range(300):
    sentences.append([random.choice(common if random.random() < .5 else words) for _ in range(random.randint(1, 12))])
form.lexicon = kept


def tag(sentence):
    """TextBlob's, but that it would apply all rules of context to a word's first tag: as Brill has it, one rule after another goes over all words."""
    tagged = _text.find_tags(sentence, lexicon=kept, morphology=form, language="en")
    one = _text.Context()
    for rule in lines("en-context.txt"):
        one[:] = [rule]
        tagged = one.apply([list(t) for t in tagged])
    return [t for _, t in tagged]


tagged = [[s, tag(s)] for s in sentences]
(HERE / "brill.json").write_text(json.dumps(tagged, separators=(",", ":")))
