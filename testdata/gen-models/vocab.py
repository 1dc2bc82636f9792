"""What all generators of tiny models share, also those that have no torch."""
import pathlib

OUT = pathlib.Path(__file__).resolve().parents[1] / "models"
VOCAB = list(" ,.abcdefghijklmnopqrstuvwxyz'?\n") + ["é", "中", "<img onerror=x>", "A", "B", "C", "D", "E"]


def change(name, pos, index, op, value=0.0):
    return {"name": name, "pos": pos, "index": index, "op": op, "value": value}
