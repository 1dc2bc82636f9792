"""Dates, times, numbers and what was counted, written out: English to Chinese and back, by a small LSTM with attention.

    python dates.py [--minutes 15] [--steps 8000] [--threads 2] [--out FOLDER] [--score]

All of it is made here by rule. The two languages order things differently ("three fifths" is 五分之三, the day comes before the month
in one and after it in the other, when something was done comes last or first), and group digits by thousands or by ten thousands. What
is said in several ways in English is said in one in Chinese; Chinese is given back in the first of those ways. Held out are meanings,
by a hash of the Chinese: neither any English for them nor the way back was learnt.
"""
import argparse, hashlib, json, pathlib, random, time
import torch
import common
from seq2seq import SPECIALS, Onmt, answers, read, shipped, train

SEED, MOST, PAIRS, HELD = 3, 40, 300_000, 4000
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "- ten twenty thirty forty fifty sixty seventy eighty ninety".split()
FIRST = "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
MONTHS = "- January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DIGITS = "零一二三四五六七八九"
PARTS = {"morning": "早上", "afternoon": "下午", "evening": "晚上"}
WHO = {"I": "我", "we": "我们", "she": "她", "he": "他", "they": "他们"}
DID = {"bought": "买", "sold": "卖", "saw": "看见", "found": "找到", "counted": "数", "lost": "丢"}
THINGS = [("book", "books", "本", "书"), ("cat", "cats", "只", "猫"), ("horse", "horses", "匹", "马"), ("car", "cars", "辆", "汽车"), ("table", "tables", "张", "桌子"),
          ("letter", "letters", "封", "信"), ("tree", "trees", "棵", "树"), ("fish", "fish", "条", "鱼"), ("pen", "pens", "支", "笔"), ("hat", "hats", "顶", "帽子"),
          ("flower", "flowers", "朵", "花"), ("cup of tea", "cups of tea", "杯", "茶"), ("bottle of wine", "bottles of wine", "瓶", "酒"), ("coat", "coats", "件", "大衣")]


def english(n, joined=True):
    """A number from 0 to 99,999."""
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (["and"] + english(n % 100) if n % 100 else [])
    rest = n % 1000
    return english(n // 1000) + ["thousand"] + ((["and"] if rest < 100 else []) + english(rest) if rest else [])


def chinese(n):
    """两 stands for 二 where a number begins with 千 or 万 of it; 零 for the empty places within."""
    if n == 0:
        return ["零"]
    out, gap = [], False
    for i, unit in enumerate("万千百十 "):
        d = n // 10 ** (4 - i) % 10
        if d == 0:
            gap = bool(out)
            continue
        if gap:
            out, gap = out + ["零"], False
        if not (unit == "十" and d == 1 and not out):
            out.append("两" if d == 2 and unit in "万千" and not out else DIGITS[d])
        out += [unit] if unit != " " else []
    return out


def ordinal(n):
    return [FIRST[n]] if n < 20 else [TENS[n // 10][:-1] + "ieth"] if n % 10 == 0 else [TENS[n // 10], FIRST[n % 10]]


def year(y):
    """nineteen eighty four, two thousand and five, twenty nineteen"""
    if y // 10 == 200:
        return english(y)
    return english(y // 100) + (["hundred"] if y % 100 == 0 else ["oh", ONES[y % 10]] if y % 100 < 10 else english(y % 100))


def quantity(rng):
    return int(10 ** rng.uniform(0, 4.9999)) if rng.random() < .8 else rng.randrange(100) * 10 ** rng.randrange(4) % 100_000


def calendar(rng):
    m = rng.randrange(1, 13)
    return m, rng.randrange(1, 30 if m == 2 else 31 if m in (4, 6, 9, 11) else 32)


def day_of(rng):
    """(month, day) as English in two orders and Chinese."""
    m, d = calendar(rng)
    return m, d, ["the", *ordinal(d), "of", MONTHS[m]], [MONTHS[m], "the", *ordinal(d)], [*chinese(m), "月", *chinese(d), "日"]


def clock(rng):
    """A time of day: English in one way or two, Chinese."""
    part, q = rng.choice(list(PARTS)), rng.choice([0, 0, 30, 15, 45, *range(5, 60, 5)])
    h = rng.choice({"morning": range(5, 12), "afternoon": [12, 1, 2, 3, 4, 5], "evening": range(6, 12)}[part])
    tail, now, then = ["in", "the", part], [ONES[h]], [ONES[h % 12 + 1]]
    zh = [PARTS[part], *(["两"] if h == 2 else chinese(h)), "点"]
    if q == 0:
        return [now + ["o'clock"] + tail, now + tail], zh
    plain = now + (["oh"] if q < 10 else []) + english(q) + tail
    if q == 30:
        return [["half", "past"] + now + tail, plain], zh + ["半"]
    if q == 15:
        return [["a", "quarter", "past"] + now + tail, plain], zh + ["一", "刻"]
    if q == 45:
        return [["a", "quarter", "to"] + then + tail, plain], zh + ["三", "刻"]
    return [plain, (english(q) + ["past"] + now if q < 30 else english(60 - q) + ["to"] + then) + tail], zh + (["零"] if q < 10 else []) + chinese(q) + ["分"]


def date(rng):
    m, d, a, b, zh = day_of(rng)
    y = rng.randrange(1900, 2050)
    zh = [DIGITS[int(c)] for c in str(y)] + ["年"] + zh
    ways = [a + [","] + year(y), b + [","] + year(y), a + year(y)]
    if rng.random() < .4:
        w = rng.randrange(7)
        return [[DAYS[w], ","] + e for e in ways[:2]], zh + ["星期" + "一二三四五六日"[w]]
    return ways, zh


def figures(rng):
    (m, d), y = calendar(rng), rng.randrange(1950, 2050)
    return [[MONTHS[m], str(d), ",", str(y)], [str(d), MONTHS[m], str(y)], ["the", *ordinal(d), "of", MONTHS[m], ",", str(y)]], [str(y), "年", str(m), "月", str(d), "日"]


def number(rng):
    n = quantity(rng)
    return [english(n)], chinese(n)


def things(rng):
    n = quantity(rng) or 2
    n = rng.randrange(1, 13) if rng.random() < .3 else n
    one, many, measure, zh = rng.choice(THINGS)
    return [english(n) + (one if n == 1 else many).split()], (["两"] if n == 2 else chinese(n)) + [measure, zh]


def fraction(rng):
    if rng.random() < .3:
        n = rng.randrange(1, 101)
        return [english(n) + ["percent"]], ["百", "分", "之", *chinese(n)]
    b = rng.randrange(3, 20)
    a = rng.randrange(1, b)
    en, zh = [*english(a), FIRST[b] + ("s" if a > 1 else "")], [*chinese(b), "分", "之", *chinese(a)]
    if rng.random() < .5:
        n = rng.randrange(1, 100)
        en, zh = english(n) + ["and"] + en, chinese(n) + ["又"] + zh
    return [en], zh


def meeting(rng):
    en, zh = clock(rng)
    w = rng.randrange(7)
    return [e + ["on", DAYS[w]] for e in en], ["星期" + "一二三四五六日"[w], *zh]


def story(rng):
    (en, zh), who, did = things(rng), rng.choice(list(WHO)), rng.choice(list(DID))
    if rng.random() < .7:
        m, d, a, b, when = day_of(rng)
        ways = [["on"] + a, ["on"] + b]
    else:
        ways, when = clock(rng)
        ways = [["at"] + w for w in ways]
    said = [who, did, *en[0]]
    return [said + w for w in ways] + [w + [","] + said for w in ways], when + [WHO[who], DID[did], "了", *zh]


KINDS = {"date": date, "figures": figures, "number": number, "things": things, "fraction": fraction, "time": lambda r: clock(r), "meeting": meeting, "story": story}
SHARE = {"date": 4, "figures": 3, "number": 4, "things": 3, "fraction": 2, "time": 1, "meeting": 2, "story": 5}


def part(zh):
    n = int(hashlib.sha256("".join(zh).encode()).hexdigest(), 16) % 100
    return "test" if n < 5 else "valid" if n < 7 else "train"


def made(which, count, seed):
    """(kind, direction, source, target), no source twice."""
    rng, out = random.Random(seed), {}
    kinds, shares = list(SHARE), list(SHARE.values())
    while len(out) < count:
        kind = rng.choices(kinds, shares)[0]
        en, zh = KINDS[kind](rng)
        if part(zh) == which:
            if rng.random() < .5:
                e = rng.choice(en)
                out[tuple(e)] = kind, "en_zh", e, zh
            else:
                out[tuple(zh)] = kind, "zh_en", zh, en[0]
    return list(out.values())


def per_cent(model, ids, words, rows, width=1):
    """Exact matches, of all and of each direction and kind."""
    out = answers(model, [[ids[w] for w in r[2]] for r in rows], MOST, width)
    right = [[words[i] for i in o] == r[3] for o, r in zip(out, rows)]
    groups = {"exact": range(len(rows))} | {g: [i for i, r in enumerate(rows) if g in r[:2]] for g in ("en_zh", "zh_en", *KINDS)}
    return {g: round(100 * sum(right[i] for i in n) / len(n), 2) for g, n in groups.items()}


def keep(model, words, scores, step, spent):
    card = {
        "title": {"en": "dates and numbers, English and Chinese", "zh": "日期与数字，英汉互译"},
        "about": {"en": "Dates, times and counts written out, translated both ways; attention shows how their order turns", "zh": "日期、时间与数量的英汉互译；注意力显示语序如何颠倒"},
        "text": "we bought two hundred and five books on the third of March",
        "pairs": "dates.tsv",
        "family": "OpenNMT LSTM",
        "data": "synthetic: dates, times, numbers, fractions and counted things by rule (testdata/train/dates.py)",
        "licence": "weights: CC0-1.0",
        "loss": {**scores, "held_out": f"{HELD} sources of meanings that were not learnt, by a hash of the Chinese; per cent exactly right"},
        "shows": {},
        "seed": SEED,
        "steps": step,
        "minutes": round(spent),
        "trained": "testdata/train/dates.py",
    }
    config = model.config() | {"source_tokens": "words", "target_tokens": "words"}
    common.save("dates-lstm", model.state_dict(), config, {"vocab.json": json.dumps({"src": words, "tgt": words}, ensure_ascii=False)}, card)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=15)
    p.add_argument("--steps", type=int, default=8000)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--out", type=pathlib.Path, default=common.OUT)
    p.add_argument("--score", action="store_true", help="only measure what is there")
    a = p.parse_args()
    common.OUT = a.out
    common.seed(SEED)
    torch.set_num_threads(a.threads), torch.set_flush_denormal(True)
    learn, valid, test = made("train", PAIRS, SEED), made("valid", 1000, SEED + 1), made("test", HELD, SEED + 2)
    words = SPECIALS + sorted({w for r in learn for side in r[2:] for w in side})
    ids = {w: i for i, w in enumerate(words)}
    assert all(w in ids for r in valid + test for side in r[2:] for w in side)
    best, start = [-1, None], time.time()
    spent = lambda: (time.time() - start) / 60
    print(len(words), "words", flush=True)
    if not a.score:
        model = Onmt(len(words), len(words), embed=48, hidden=144, dropout=.1)
        print(sum(p.numel() for p in model.parameters()), "weights", flush=True)

        def check(step):
            whole = shipped(model)
            s = per_cent(model, ids, words, valid)
            print(step, s, f"{spent():.1f} minutes", flush=True)
            if s["exact"] >= best[0]:
                best[:] = s["exact"], step
                keep(model, words, {"valid": s}, step, spent())
            model.load_state_dict(whole)
            model.train()

        check(train(model, [([ids[w] for w in r[2]], [ids[w] for w in r[3]]) for r in learn], check, 3e-3, 128, a.minutes, a.steps, SEED))
    card, model = json.loads((a.out / "dates-lstm" / "card.json").read_text(encoding="utf-8")), read(a.out / "dates-lstm")[0]
    scores = {"greedy": per_cent(model, ids, words, test), "beam_5": {"exact": per_cent(model, ids, words, test, 5)["exact"]}}
    print(scores, flush=True)
    keep(model, words, scores, card["steps"], card["minutes"])


if __name__ == "__main__":
    main()
