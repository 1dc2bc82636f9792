"""Asks the references (PyPI tokenizers and sentencepiece) what they make of 10,000 hard lines, and writes it into
testdata/tokenizers for engine/tokenizer's tests:

  lines.jsonl.gz   the lines
  cases.json       normalizers, pre-tokenizers and tokenizers, as a tokenizer.json spells them
  bpe             GPT-2's two files, trained here
  base-*.json      small tokenizers, trained here; a case is one of them with some parts exchanged
  *.model          SentencePiece models, trained here
  sums.bin         for each case and line a byte, a sum over what the reference made of it
  offsets.json.gz  for some lines and tokenizers ids and offsets

  python reference.py [FOLDER]   FOLDER: web/models-large, whose tokenizers are asked too: real-*.bin

The lines are the same every time. Training breaks ties as it likes, so that small tokenizers differ from run to run; all that
is written belongs together.
"""
import copy, gzip, io, json, pathlib, random, sys, tempfile

import sentencepiece as sp
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from hard import lines
from texts import SENTENCES

OUT = pathlib.Path(__file__).resolve().parent.parent / "tokenizers"

SAID = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
CAPITALS = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
SMALL = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
END = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SLASH = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK3 = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""


def ranges(hexes):
    out = ""
    for h in hexes.split():
        a, b = (int(x, 16) for x in h.split("-"))
        out += chr(a) if a == b else chr(a) + ("" if b == a + 1 else "-") + chr(b)
    return out


LETTERS = ranges("41-5A 61-7A B5-B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376-377 37B-37D 37F-37F 386-386 388-38A 38C-38C 38E-3A1 3A3-3F5 3F7-481 48A-52F 531-556 "
                 "10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77 1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59-1F59 1F5B-1F5B 1F5D-1F5D "
                 "1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE-1FBE 1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102-2102 2107-2107 210A-2113 2115-2115 2119-211D "
                 "2124-2124 2126-2126 2128-2128 212A-212D 212F-2134 2139-2139 213C-213F 2145-2149 214E-214E 2183-2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2-2CF3 A640-A66D A680-A69B "
                 "A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943")

split = lambda r, behavior="Isolated", invert=False: {"type": "Split", "pattern": {"Regex": r}, "behavior": behavior, "invert": invert}
literal = lambda s, behavior: {"type": "Split", "pattern": {"String": s}, "behavior": behavior, "invert": False}
sequence = lambda *parts: {"type": "Sequence", "pretokenizers": list(parts)}
byte_level = lambda prefix=False, regex=False: {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": False, "use_regex": regex}
digits = lambda one: {"type": "Digits", "individual_digits": one}
metaspace = lambda scheme, cut=True: {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": cut}

NORMALIZERS = {n: {"type": n} for n in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")} | {
    "Strip": {"type": "Strip", "strip_left": True, "strip_right": True},
    "StripLeft": {"type": "Strip", "strip_left": True, "strip_right": False},
    "Prepend": {"type": "Prepend", "prepend": "▁"},
    "Replace": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    "Spaces": {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
    "White": {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
    "Bert": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
    "BertCased": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": False},
    "BertAccents": {"type": "BertNormalizer", "clean_text": False, "handle_chinese_chars": False, "strip_accents": True, "lowercase": False},
    "ByteLevel": {"type": "ByteLevel"},
    "Precompiled": {"type": "Precompiled", "precompiled_charsmap": "unigram.model"},
    "Albert": {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "``"}, "content": '"'}, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"},
                                                   {"type": "Precompiled", "precompiled_charsmap": "unigram.model"}]},
}

PRE_TOKENIZERS = {
    "GPT-2": byte_level(regex=True), "GPT-2 prefix": byte_level(prefix=True, regex=True),
    "Llama 3": split(SAID + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + END),
    "cl100k": split(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", "Removed", True),
    "Qwen 2": split(SAID + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + END),
    "Qwen 3.5": split(SAID + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
    "o200k": split(f"{CAPITALS}{SAID}?|{SMALL}{SAID}?|" + r"\p{N}{1,3}|" + SLASH),
    "Tekken": split(f"{CAPITALS}|{SMALL}|" + r"\p{N}|" + SLASH),
    "DeepSeek": sequence(split("[\r\n]"), split(r"\s?[" + LETTERS + "]+"), split(r"\s?[!-/:-~！-／：-～‘-‟　-。]+"), split(r"\s+$"), split("[一-龥ࠀ-一가-\ud7ff]+"), digits(True), byte_level()),
    "DeepSeek coder": sequence(split("[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), split("[一-龥ࠀ-一가-\ud7ff]+"), digits(True), byte_level()),
    "DeepSeek 3": sequence(split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+"), split(DEEPSEEK3), byte_level()),
    "Falcon": sequence({"type": "Punctuation", "behavior": "Contiguous"}, byte_level(regex=True), digits(False), split("[0-9][0-9][0-9]")),
    "SmolLM": sequence(digits(True), byte_level(regex=True)),
    "BLOOM": sequence(split(r" ?[^(\s|[.,!?…。，、।۔،])]+"), byte_level()),
    "Command": sequence(split(r"\d{1,3}(?=(?:\d{3})*\b)"), split(f"{CAPITALS}{SAID}?|{SMALL}{SAID}?|" + r"\p{N}{1,3}|" + SLASH), byte_level()),
    "CLIP": split(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", "Removed", True),
    "Turkish": split(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + END),
    "Seed": split(SAID + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"),
    "one line": split(r"[^\n]+|[\n]+"),
    "Whitespace": {"type": "Whitespace"}, "WhitespaceSplit": {"type": "WhitespaceSplit"}, "Bert": {"type": "BertPreTokenizer"},
    "Metaspace": metaspace("always"), "Metaspace first": metaspace("first"), "Metaspace never": metaspace("never"), "Metaspace whole": metaspace("always", False),
    **{f"Punctuation {b}": {"type": "Punctuation", "behavior": b} for b in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")},
    "Digits": digits(False), "CharDelimiterSplit": {"type": "CharDelimiterSplit", "delimiter": "e"}, "Gemma": literal(" ", "MergedWithPrevious"), "FixedLength": {"type": "FixedLength", "length": 5},
}


def corpus():
    r = random.Random(1)
    words = [w for s in SENTENCES for w in s.split()]
    out = SENTENCES * 4 + [" ".join(r.choices(words, k=12)) for _ in range(1200)]
    out += ["  ".join(r.choices(words, k=4)) + "\n\n    " + str(r.randint(0, 99999)) + "\n" for _ in range(200)]
    return out


def write(name, t):
    (OUT / name).write_text(json.dumps(json.loads(t.to_str()), ensure_ascii=False, separators=(",", ":")), "utf-8")


def bases():
    no = dict(normalized=False, special=True)
    # Merges reach across words, numbers and lines, so that what a pattern cuts shows.
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=1200, show_progress=False, special_tokens=["<s>", "</s>", "<mask>"], max_token_length=9,
                                                       initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    t.add_special_tokens([AddedToken("<|endoftext|>", **no), AddedToken("<|im_start|>", **no), AddedToken("<mask>", lstrip=True, **no)])
    t.add_tokens([AddedToken("river", single_word=True), AddedToken("crème", normalized=True), AddedToken("[MASK]", rstrip=True)])
    write("base-bytes.json", t)

    t = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    t.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=1200, show_progress=False, limit_alphabet=150, max_token_length=9,
                                                       special_tokens=["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))]))
    t = Tokenizer.from_str(t.to_str())
    t.add_special_tokens([AddedToken("<unk>", **no), AddedToken("<s>", **no), AddedToken("</s>", **no)])
    f = json.loads(t.to_str())
    f["added_tokens"] = [a for a in f["added_tokens"] if a["id"] < 3]
    f["pre_tokenizer"] = None
    t = Tokenizer.from_str(json.dumps(f))
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A $B", [("<s>", 1)])
    write("base-llama.json", t)

    for name, lower in (("base-uncased.json", True), ("base-cased.json", False)):
        t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        t.normalizer = normalizers.BertNormalizer(lowercase=lower)
        t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        t.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=1000, show_progress=False, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
        t.decoder = decoders.WordPiece()
        t.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
        if lower:
            t.enable_truncation(128)
            t.enable_padding(length=128)
        write(name, t)

    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.train_from_iterator(corpus(), trainers.UnigramTrainer(vocab_size=900, show_progress=False, unk_token="<unk>", special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))
    t.decoder = decoders.Metaspace()
    t.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    write("base-unigram.json", t)

    t = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="@@", end_of_word_suffix="</w>"))
    t.normalizer = normalizers.Lowercase()
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    t.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=900, show_progress=False, special_tokens=["<unk>"], continuing_subword_prefix="@@", end_of_word_suffix="</w>", limit_alphabet=150))
    t.decoder = decoders.BPEDecoder()
    write("base-suffix.json", t)

    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    t.train_from_iterator(corpus(), trainers.WordLevelTrainer(vocab_size=300, show_progress=False, special_tokens=["<unk>"]))
    write("base-words.json", t)


def train_bpe():
    """GPT-2's two files, bpe/vocab.json and bpe/merges.txt."""
    r = random.Random(1)
    words = [w for s in SENTENCES for w in s.split()]
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(SENTENCES * 5 + [" ".join(r.choices(words, k=12)) for _ in range(2000)],
                          trainers.BpeTrainer(vocab_size=2000, special_tokens=["<|endoftext|>"], show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    folder = OUT / "bpe"
    folder.mkdir(exist_ok=True)
    t.model.save(str(folder))
    vocab = json.loads((folder / "vocab.json").read_text("utf-8"))
    (folder / "vocab.json").write_text(json.dumps(dict(sorted(vocab.items(), key=lambda e: e[1])), ensure_ascii=False), "utf-8")


def gpt2(folder):
    """The tokenizer of two such files."""
    t = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens([AddedToken("<|endoftext|>", normalized=False)])
    return t


def train_sp():
    with tempfile.TemporaryDirectory() as d:
        path = pathlib.Path(d) / "corpus.txt"
        path.write_text("\n".join(c.replace("\n", " ") for c in corpus()), "utf-8")
        common = dict(input=str(path), character_coverage=0.98, minloglevel=2, num_threads=1, hard_vocab_limit=False)
        for name, options in {
            "unigram.model": dict(vocab_size=900, model_type="unigram", normalization_rule_name="nmt_nfkc", user_defined_symbols=["<sep>", "river"]),
            "llama.model": dict(vocab_size=1200, model_type="bpe", normalization_rule_name="identity", byte_fallback=True, remove_extra_whitespaces=False, split_digits=True,
                                user_defined_symbols=["[INST]", "▁▁"]),
            "suffix.model": dict(vocab_size=700, model_type="bpe", normalization_rule_name="identity", treat_whitespace_as_suffix=True, add_dummy_prefix=True),
            "bytes.model": dict(vocab_size=1000, model_type="unigram", normalization_rule_name="identity", byte_fallback=True, add_dummy_prefix=False, remove_extra_whitespaces=False),
        }.items():
            sp.SentencePieceTrainer.train(model_prefix=str(pathlib.Path(d) / "m"), **common, **options)
            (OUT / name).write_bytes((pathlib.Path(d) / "m.model").read_bytes())


def tokenizer_cases():
    case = lambda name, base, **parts: {"name": name, "base": base, "set": parts}
    template = lambda *pieces: {"type": "TemplateProcessing", "single": list(pieces), "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}
    out = [case("bytes " + k, "base-bytes.json", pre_tokenizer=p if p["type"] == "ByteLevel" or p["type"] == "Sequence" and any(q["type"] == "ByteLevel" for q in p["pretokenizers"])
                else sequence(p, byte_level())) for k, p in PRE_TOKENIZERS.items() if k in ("GPT-2", "Llama 3", "Qwen 2", "o200k", "DeepSeek", "SmolLM", "Falcon", "BLOOM")]
    out += [
        case("bytes NFC", "base-bytes.json", normalizer={"type": "NFC"}, pre_tokenizer=PRE_TOKENIZERS["GPT-2"]),
        case("bytes lower", "base-bytes.json", normalizer=NORMALIZERS["Bert"], pre_tokenizer=PRE_TOKENIZERS["GPT-2"]),
        case("RoBERTa", "base-bytes.json", pre_tokenizer=PRE_TOKENIZERS["GPT-2 prefix"],
             post_processor={"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": False, "add_prefix_space": True}),
        case("bytes template", "base-bytes.json", pre_tokenizer=PRE_TOKENIZERS["GPT-2"], post_processor={"type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}, template({"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}})]}),
        case("Llama", "base-llama.json"),
        case("Llama first", "base-llama.json", normalizer=None, pre_tokenizer=metaspace("first", False), decoder=metaspace("first", False)),
        case("Llama words", "base-llama.json", normalizer=None, pre_tokenizer=metaspace("always"), decoder=metaspace("always")),
        case("Gemma", "base-llama.json", normalizer=NORMALIZERS["Replace"], pre_tokenizer=literal(" ", "MergedWithPrevious")),
        case("uncased", "base-uncased.json"), case("cased", "base-cased.json"),
        case("Unigram", "base-unigram.json"), case("Unigram charsmap", "base-unigram.json", normalizer=NORMALIZERS["Precompiled"]),
        case("suffix", "base-suffix.json"), case("words", "base-words.json"),
    ]
    return out


def checksum(s):
    """FNV-1a of 32 bits over UTF-8, folded to 8."""
    h = 2166136261
    for b in s.encode("utf-8", "surrogatepass"):
        h = (h ^ b) * 16777619 & 0xFFFFFFFF
    h ^= h >> 16
    return (h ^ h >> 8) & 0xFF


def charsmap(part):
    """A part with the name of a model in place of its charsmap gets the map."""
    part = copy.deepcopy(part)
    for p in [part, *(part or {}).get("normalizers", [])]:
        if p and p.get("type") == "Precompiled":
            import base64
            from sentencepiece import sentencepiece_model_pb2 as pb
            m = pb.ModelProto()
            m.ParseFromString((OUT / p["precompiled_charsmap"]).read_bytes())
            p["precompiled_charsmap"] = base64.b64encode(m.normalizer_spec.precompiled_charsmap).decode()
    return part


def load(case):
    f = json.loads((OUT / case["base"]).read_text("utf-8"))
    f |= {k: charsmap(v) if k == "normalizer" else v for k, v in case["set"].items()}
    f["truncation"] = f["padding"] = None
    return Tokenizer.from_str(json.dumps(f))


def shell(**parts):
    f = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
         "model": {"type": "WordLevel", "vocab": {"x": 0}, "unk_token": "x"}}
    return Tokenizer.from_str(json.dumps(f | parts))


def pieces(p, s):
    """The pieces of s as one text."""
    return "\0|".join(x for x, _ in p.pre_tokenize_str(s))


def lossless(decode):
    """Whether a line comes back whole."""
    return lambda s: decode(s) == s


def main():
    text = lines()
    OUT.joinpath("lines.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(l, ensure_ascii=False) + "\n" for l in text).encode("utf-8", "surrogatepass"), 9, mtime=0))
    bases()
    train_bpe()
    train_sp()
    cases, sums, offsets = [], io.BytesIO(), {}

    def add(case, ask):
        cases.append(case)
        for l in text:
            x = ask(l)
            sums.write(bytes([x if isinstance(x, bool) else checksum(x)]))
        print(case["name"], flush=True)

    for name, part in NORMALIZERS.items():
        n = shell(normalizer=charsmap(part)).normalizer
        add({"name": "normalizer " + name, "normalizer": part}, n.normalize_str)
    for name, part in PRE_TOKENIZERS.items():
        p = shell(pre_tokenizer=part).pre_tokenizer
        add({"name": "pre-tokenizer " + name, "pre_tokenizer": part}, lambda s: pieces(p, s))
    for case in tokenizer_cases():
        t = load(case)
        ids = lambda s: " ".join(map(str, t.encode(s).ids))
        add(case, ids)
        add({"name": case["name"] + ", decoded", "decode": case["name"]}, lossless(lambda s: t.decode(t.encode(s, add_special_tokens=False).ids, skip_special_tokens=False)))
        offsets[case["name"]] = [[i, e.ids, [x for o in e.offsets for x in o]] for i in range(0, len(text), 61) if len(text[i]) < 200 for e in [t.encode(text[i])]]
    t = gpt2(OUT / "bpe")
    add({"name": "bpe", "folder": "bpe"}, lambda s: " ".join(map(str, t.encode(s).ids)))
    add({"name": "bpe, decoded", "decode": "bpe"}, lossless(lambda s: t.decode(t.encode(s).ids, skip_special_tokens=False)))
    for name in ("unigram.model", "llama.model", "suffix.model", "bytes.model"):
        m = sp.SentencePieceProcessor(model_file=str(OUT / name))
        add({"name": name, "file": name}, lambda s: " ".join(map(str, m.encode(s))))
        add({"name": name + ", decoded", "decode": name}, lossless(lambda s: m.decode(m.encode(s))))
    (OUT / "cases.json").write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n", "utf-8", errors="surrogatepass")
    (OUT / "sums.bin").write_bytes(sums.getvalue())
    (OUT / "offsets.json.gz").write_bytes(gzip.compress(json.dumps(offsets, separators=(",", ":")).encode(), 9, mtime=0))
    if len(sys.argv) > 1:
        real(pathlib.Path(sys.argv[1]), text)


def real(folder, text):
    """Sums of real models' tokenizers, beside the others: real-NAME.bin."""
    t = Tokenizer.from_file(str(folder / "all-minilm-l6-v2" / "tokenizer.json"))
    t.no_truncation()
    t.no_padding()
    save("real-minilm.bin", text, t)
    from gguf import GGUFReader
    r = GGUFReader(str(next((folder / "smollm2-135m-instruct").glob("*.gguf"))))
    strings = lambda key: [bytes(r.fields[key].parts[i]).decode("utf-8") for i in r.fields[key].data]
    names, merges = strings("tokenizer.ggml.tokens"), strings("tokenizer.ggml.merges")
    types = [int(r.fields["tokenizer.ggml.token_type"].parts[i][0]) for i in r.fields["tokenizer.ggml.token_type"].data]
    t = Tokenizer(models.BPE({n: i for i, n in enumerate(names)}, [tuple(m.split(" ", 1)) for m in merges]))
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.add_special_tokens([AddedToken(n, normalized=False) for n, k in zip(names, types) if k == 3])
    t.add_tokens([AddedToken(n, normalized=False) for n, k in zip(names, types) if k == 4])
    save("real-smollm2.bin", text, t)


def save(name, text, t):
    (OUT / name).write_bytes(bytes(checksum(" ".join(map(str, t.encode(l).ids))) for l in text))
    print(name)


if __name__ == "__main__":
    main()
