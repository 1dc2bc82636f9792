"""The lines that tokenizers are compared on: 10,000 of hard text, the same every time."""
import random

from texts import ALONE, CONTRACTIONS, DIGITS, EMOJI, MARKS, PUNCTUATION, SENTENCES, SPACES

MARKS_OF_MODELS = ["<|endoftext|>", "<s>", "</s>", "<unk>", "[CLS]", "[SEP]", "[MASK]", "[UNK]", "<mask>", "<pad>", "<|im_start|>", "<|im_end|>", "<0x0A>", "<0xE5>"]

CODE = ["def f(x):\n    return x ** 2\n", "\tif (a && b) {\r\n\t\treturn;\r\n\t}\r\n", "for i in range(10): print(i, end=' ')", "#include <stdio.h>\n\nint main()\n{\n}\n",
        "SELECT * FROM t WHERE a='it''s';", "x = {'a': [1, 2, 3], \"b\": None}", "camelCaseWord snake_case_word SCREAMING_CASE HTTPServer2 XMLHttpRequest", "a/b//c\\d\\\\e",
        "$ ls -la | grep '^d' > /dev/null 2>&1", "<div class=\"x\">\n  <p>1 &lt; 2</p>\n</div>", "0b1010 0xDEADBEEF 1_000_000 1e-10f", "/* ✓ */ // →\n", "    \n        \n\n\n  x"]

HANGUL = ["\u1112\u1161\u11ab\u1100\u1173\u11af", "한\u11a8글", "\u1100\u1161", "가\u11a8"]

# Sequences that normal forms join, take apart or put in order.
FORMS = ["\u0344", "\u1e9b\u0323", "s\u0323\u0307", "d\u0307\u0323", "\u212b", "\ufb01n", "\u2460\u2461", "\u3392", "\ufdfa", "\u0958", "\u09c7\u09be", "\u0b47\u0b56", "\u1025\u102e",
         "\U0001d15e", "\U00011099\U000110ba", "\uff21\uff22", "\uff76\uff9e", "\u3000\u00a0", "\u2126", "a\u0328\u0301", "\u1fee", "\u1f71", "x\u0301\u0300\u0323\u0327", "\u0f71\u0f72\u0f74",
         "\u0130", "\u0131", "\u03a3\u03a3", "\u1e9e", "\u01c4\u01c5", "\ua7cb", "\U00010400", "\u1c89", "\u2168", "\u00bd", "\u2075", "\u0132", "\u017f"]

CLUSTERS = ["e\u0301", "\u0600\u0661", "a\u200d", "a\u0903", "\ufb01\u0301", "\r\n", "a\U000e0100", "\u0e33", "\u0e01\u0e33", "1\ufe0f\u20e3", "a\U0001f3fb", "\uff76\uff9e", "\u00e9\u0301", "\u0041\u030a",
            "\u0915\u094d\u0937", "\u200c", "a\u200cb", "\u00b2\u0301", "\u2122\u0301", "\uff41\u0301"]


def characters(r, n):
    """n characters from everywhere, assigned or not."""
    ranges = [(0x20, 0x7E), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x1FFF), (0x2000, 0x2BFF), (0x3000, 0x9FFF), (0xA000, 0xD7FF),
              (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x10FFFF)]
    return "".join(chr(r.randint(*r.choice(ranges))) for _ in range(n))


def lines():
    r = random.Random(3)
    words = [w for s in SENTENCES for w in s.split()]
    pick = lambda pool: lambda: r.choice(pool)
    kinds = [pick(words), pick(words), pick(words), pick(CONTRACTIONS), pick(DIGITS), pick(EMOJI), pick(SPACES), pick(PUNCTUATION), pick(CODE), pick(HANGUL), pick(FORMS),
             pick(CLUSTERS), pick(MARKS_OF_MODELS),
             lambda: r.choice(SPACES) * r.randint(1, 6), lambda: "".join(r.choices([" ", "\n", "\r\n", "\t", " "], k=r.randint(2, 7))),
             lambda: r.choice("aeio  x") + "".join(r.choices(MARKS, k=r.randint(1, 4))),
             lambda: chr(r.choice([*range(0, 32), 127, *range(128, 160)])), lambda: characters(r, r.randint(1, 4)), lambda: characters(r, 1),
             lambda: r.choice(words) + r.choice(CONTRACTIONS), lambda: str(r.randint(0, 10 ** r.randint(1, 12))), lambda: r.choice(words).upper(),
             lambda: "".join(c.upper() if r.random() < 0.4 else c for c in r.choice(words)), lambda: r.choice(words) + r.choice(PUNCTUATION) + r.choice(["\n", "\n\n", "/", ""]),
             lambda: r.choice(words).upper() + r.choice(["'S", "'s", "'RE", "'re", "’s", "''s", " 's", "'ſ"])]
    out = [*SENTENCES, *ALONE, *CONTRACTIONS, *DIGITS, *EMOJI, *SPACES, *PUNCTUATION, *MARKS, *CODE, *HANGUL, *FORMS, *CLUSTERS, *MARKS_OF_MODELS]
    out += [a + b + c for a in ("", "x", "7", "!") for b in SPACES for c in ("", "x", "7", "!", " y")]
    out += [a + m + b for m in MARKS_OF_MODELS for a in ("", " ", "x", "x ", "\n") for b in ("", " ", "y", " y", "\n", ".")]
    out += [w * n for n in (40, 300) for w in ("a", "ab", "é", "漢", "🙂", " ", "\n", "1", "!", " a", "\u0301", "\u00a0", "e\u0301", "Aa", "\t", " \n", "'s", "\u1100\u1161\u11a8", "12,")]
    while len(out) < 10900:
        joiner = r.choice([" ", " ", " ", "", "  ", "\n", "\t "])
        out.append(joiner.join(r.choice(kinds)() for _ in range(r.randint(1, 8))))
    return list(dict.fromkeys(out))[:10000]
