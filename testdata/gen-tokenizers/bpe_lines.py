"""Trains a small byte-level BPE with the reference (PyPI tokenizers) on text made here, and writes what it makes of hard
lines: testdata/tokenizers/bpe/{vocab.json, merges.txt, lines.jsonl.gz} and testdata/tokenizers/classes.txt.

  python bpe_lines.py             writes them; seeded: the same bytes every time
  python bpe_lines.py DIR         reads DIR/vocab.json and DIR/merges.txt instead (the real GPT-2's, say) and writes
                                    DIR/lines.jsonl.gz, for  BPE_DIR=DIR go test ./engine/tokenizer -run Reference
"""
import gzip, io, json, pathlib, random, sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from texts import ALONE, CONTRACTIONS, DIGITS, EMOJI, MARKS, PUNCTUATION, SENTENCES, SPACES

OUT = pathlib.Path(__file__).resolve().parent.parent / "tokenizers"
END = "<|endoftext|>"


def tokenizer(model):
    t = Tokenizer(model)
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    return t


def train():
    r = random.Random(1)
    words = [w for s in SENTENCES for w in s.split()]
    corpus = SENTENCES * 5 + [" ".join(r.choices(words, k=12)) for _ in range(2000)]
    t = tokenizer(models.BPE())
    t.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=2000, special_tokens=[END], show_progress=False,
                                                      initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    folder = OUT / "bpe"
    folder.mkdir(parents=True, exist_ok=True)
    t.model.save(str(folder))
    vocab = json.loads((folder / "vocab.json").read_text("utf-8"))
    (folder / "vocab.json").write_text(json.dumps(dict(sorted(vocab.items(), key=lambda e: e[1])), ensure_ascii=False), "utf-8")
    return folder


def characters(r, n):
    """n characters from everywhere, assigned or not."""
    ranges = [(0x20, 0x7E), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x1FFF), (0x2000, 0x2BFF), (0x3000, 0x9FFF), (0xA000, 0xD7FF),
              (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x10FFFF)]
    return "".join(chr(r.randint(*r.choice(ranges))) for _ in range(n))


def lines():
    r = random.Random(2)
    words = [w for s in SENTENCES for w in s.split()]
    pick = lambda pool: lambda: r.choice(pool)
    kinds = [pick(words), pick(words), pick(CONTRACTIONS), pick(DIGITS), pick(EMOJI), pick(SPACES), pick(PUNCTUATION),
             lambda: r.choice(SPACES) * r.randint(1, 6), lambda: r.choice("aeio  x") + r.choice(MARKS) * r.randint(1, 3),
             lambda: chr(r.choice([*range(0, 32), 127, *range(128, 160)])), lambda: characters(r, r.randint(1, 4)),
             lambda: r.choice(words) + r.choice(CONTRACTIONS), lambda: str(r.randint(0, 10 ** r.randint(1, 12))),
             lambda: r.choice(words).upper() + r.choice(["'S", "'s", "'RE", "'re", "’s", "''s", " 's", "'ſ"]),
             lambda: r.choice([END, END[:-1], END[1:], END * 2, "<|endoftext |>"])]
    out = [*SENTENCES, *ALONE, *CONTRACTIONS, *DIGITS, *EMOJI, *SPACES, *PUNCTUATION, *MARKS]
    out += [a + b + c for a in ("", "x", "7", "!") for b in SPACES for c in ("", "x", "7", "!", " y")]
    while len(out) < 6000:
        joiner = r.choice([" ", " ", "", "  ", "\n", "\t "])
        out.append(joiner.join(r.choice(kinds)() for _ in range(r.randint(1, 9))))
    out += [w * 40 for w in ("a", "ab", "é", "漢", "🙂", " ", "\n", "1", "!", " a", "\u0301", "\u00a0", "e\u0301")]
    return list(dict.fromkeys(out))


def write(folder):
    t = tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    t.add_special_tokens([AddedToken(END, normalized=False)])
    buf = io.StringIO()
    for text in lines():
        ids = t.encode(text).ids
        assert t.decode(ids, skip_special_tokens=False) == text, text
        buf.write(json.dumps([text, ids], ensure_ascii=False, separators=(",", ":")) + "\n")
    data = gzip.compress(buf.getvalue().encode(), 9, mtime=0)
    (folder / "lines.jsonl.gz").write_bytes(data)
    print(folder, buf.getvalue().count("\n"), "lines,", len(data), "bytes")


def classes():
    """Which class of the pattern each character is in, as the reference sees it: L, N, S; all others are of none."""
    p = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alone = lambda s: len(p.pre_tokenize_str(s)) == 1

    def klass(c):
        if 0xD800 <= c < 0xE000:
            return None
        return next((k for k, s in (("L", "a"), ("N", "1"), ("O", "!")) if alone(s + chr(c))), "S")

    runs, start, now = [], 0, klass(0)
    for c in range(1, 0x110001):
        k = klass(c) if c < 0x110000 else None
        if k != now:
            if now in ("L", "N", "S"):
                runs.append(f"{now} {start:X} {c - 1:X}\n")
            start, now = c, k
    (OUT / "classes.txt").write_text("".join(runs))


if len(sys.argv) > 1:
    write(pathlib.Path(sys.argv[1]))
else:
    write(train())
    classes()
