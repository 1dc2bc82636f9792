"""Writes testdata/tokenizers/classes.txt: in which classes the reference (PyPI tokenizers) sees each character. A line is
a class and a range of characters, in hexadecimal. The reference's parts know different versions of Unicode."""
import pathlib

from tokenizers import Regex, normalizers, pre_tokenizers

OUT = pathlib.Path(__file__).resolve().parent.parent / "tokenizers" / "classes.txt"
CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]

bert = lambda **on: normalizers.BertNormalizer(**({k: False for k in ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")} | on))
gone = lambda n: lambda c: n.normalize_str(chr(c)) == ""
parts = lambda p, n: lambda c: len(p.pre_tokenize_str("a" + chr(c) + "b")) == n
matches = lambda r: parts(pre_tokenizers.Split(Regex(f"[{r}&&[^ab]]"), "isolated"), 3)

CLASSES = {
    "letter": matches(r"\p{L}"),
    "number": matches(r"\p{N}"),
    "space": matches(r"\s"),
    "mark": matches(r"\p{M}"),
    "punctuation": matches(r"\p{P}"),
    "symbol": matches(r"\p{S}"),
    "upper": matches(r"\p{Lu}\p{Lt}"),
    "lower": matches(r"\p{Ll}"),
    "word": lambda c: len(pre_tokenizers.Whitespace().pre_tokenize_str("a" + chr(c) + "b")) == 1,
    "numeric": parts(pre_tokenizers.Digits(individual_digits=True), 3),
    "bert-space": parts(pre_tokenizers.BertPreTokenizer(), 2),
    "bert-punctuation": parts(pre_tokenizers.BertPreTokenizer(), 3),
    "bert-control": gone(bert(clean_text=True)),
    "bert-accent": gone(bert(strip_accents=True)),
    "accent": gone(normalizers.StripAccents()),
    # what normal forms know of: a decomposition, or a place in the order of marks
    "form": lambda c: normalizers.NFKD().normalize_str(chr(c)) != chr(c) or normalizers.NFD().normalize_str(chr(c) + "\u0334") != chr(c) + "\u0334",
}


def main():
    lines = []
    for name, holds in CLASSES.items():
        start = last = None
        for c in [c for c in CHARACTERS if c in (0x61, 0x62) and name in ("letter", "lower", "word") or c not in (0x61, 0x62) and holds(c)]:
            if last is None or c != last + 1 and not (last == 0xD7FF and c == 0xE000):
                if last is not None:
                    lines.append(f"{name} {start:X} {last:X}\n")
                start = c
            last = c
        lines.append(f"{name} {start:X} {last:X}\n")
    for c in CHARACTERS:  # what is lowered to something else than Unicode 15's simple mapping
        s = normalizers.Lowercase().normalize_str(chr(c))
        if s != chr(c):
            lines.append(f"lowered {c:X} {' '.join(f'{ord(x):X}' for x in s)}\n")
    OUT.write_text("".join(lines))


main()
