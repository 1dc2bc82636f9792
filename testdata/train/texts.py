"""The corpora that are served with the built-in models: what those models have not learnt from.

    python texts.py

shakespeare.jsonl: the ends of the 38 plays (see data.py), a play a line, some 2,600 letters of each. brackets.jsonl: 40 texts of the
bracket language (see data.py) of 500 letters, drawn anew.
"""
import json, pathlib, random, re
import data

OUT = pathlib.Path(__file__).parents[2] / "web" / "texts"
LETTERS = 2600


def ends():
    for path, md in data.plays().items():
        text = data.script(md)
        text = text[text.find("\n", int(len(text) * .95)) + 1:]
        title = re.search(r"^# (.*)", md, re.M)
        name = title[1].strip() if title else pathlib.Path(path).stem.replace("-", " ").title()
        cut = text.rfind("\n\n", 0, LETTERS)
        yield {"title": name, "text": text[:cut if cut > 0 else LETTERS].strip() + "\n"}


def write(name, rows):
    OUT.mkdir(exist_ok=True)
    (OUT / name).write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))


if __name__ == "__main__":
    write("shakespeare.jsonl", ends())
    rng = random.Random(11)
    write("brackets.jsonl", ({"title": f"brackets {i + 1}", "text": data.brackets(500, rng)} for i in range(40)))
