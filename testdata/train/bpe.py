"""Byte-level BPE as GPT-2 has it: the pre-tokenisation, the byte alphabet, and a plain trainer of merges."""
import collections, re

# GPT-2's pattern with Python's re, exact on ASCII text: \p{L} is [A-Za-z], \p{N} is [0-9].
SPLIT = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")


def byte_alphabet():
    """GPT-2's byte -> printable character (openai/gpt-2, encoder.py, bytes_to_unicode)."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, n = {b: chr(b) for b in keep}, 0
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + n)
            n += 1
    return table


def train(text, vocab_size):
    """(vocab {token: id}, merges [(a, b)]): the most frequent pair is merged, again and again; ties by text."""
    table = byte_alphabet()
    vocab = {c: i for i, c in enumerate(table[b] for b in sorted(table, key=lambda b: (b not in range(33, 127), b)))}
    words = [[[table[b] for b in w.encode()], n] for w, n in collections.Counter(SPLIT.findall(text)).items()]
    merges = []
    while len(vocab) < vocab_size - 1:
        pairs = collections.Counter()
        for w, n in words:
            for p in zip(w, w[1:]):
                pairs[p] += n
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        vocab["".join(best)] = len(vocab)
        for entry in words:
            w = entry[0]
            i, out = 0, []
            while i < len(w):
                if i + 1 < len(w) and (w[i], w[i + 1]) == best:
                    out.append(w[i] + w[i + 1])
                    i += 2
                else:
                    out.append(w[i])
                    i += 1
            entry[0] = out
    vocab["<|endoftext|>"] = len(vocab)
    return vocab, merges


class Encoder:
    def __init__(self, vocab, merges):
        self.vocab, self.rank, self.cache, self.table = vocab, {m: i for i, m in enumerate(merges)}, {}, byte_alphabet()

    def word(self, w):
        if w not in self.cache:
            t = [self.table[b] for b in w.encode()]
            while len(t) > 1:
                r, i = min((self.rank.get(p, 1 << 30), i) for i, p in enumerate(zip(t, t[1:])))
                if r == 1 << 30:
                    break
                t[i : i + 2] = [t[i] + t[i + 1]]
            self.cache[w] = [self.vocab[x] for x in t]
        return self.cache[w]

    def __call__(self, text):
        return [i for w in SPLIT.findall(text) for i in self.word(w)]
