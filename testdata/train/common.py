"""What the training scripts share: seeds, files, half precision."""
import json, pathlib, random, struct
import numpy as np, torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "web" / "models"


def seed(n):
    random.seed(n), np.random.seed(n), torch.manual_seed(n)
    torch.set_num_threads(1)


def halve(model):
    """Rounds the weights to what an f16 file keeps, so that all that is measured is measured on what is shipped."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.half().float())


def save_tensors(path, tensors, dtype="F16"):
    """safetensors: u64 length, JSON header, the tensors' bytes in the header's order."""
    kind = {"F16": "<f2", "F32": "<f4"}[dtype]
    head, blobs, at = {}, [], 0
    for name, t in tensors.items():
        b = np.ascontiguousarray(t.detach().numpy().astype(kind)).tobytes()
        head[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [at, at + len(b)]}
        blobs.append(b)
        at += len(b)
    h = json.dumps(head, separators=(",", ":")).encode()
    h += b" " * (-len(h) % 8)
    path.write_bytes(struct.pack("<Q", len(h)) + h + b"".join(blobs))


def save(name, tensors, config, files, card, dtype="F16"):
    """Writes web/models/<name>: weights, config, the tokenizer's files, and the card."""
    d = OUT / name
    d.mkdir(parents=True, exist_ok=True)
    save_tensors(d / "model.safetensors", tensors, dtype)
    files = {"config.json": json.dumps(config, indent=1), **files}
    for n, text in files.items():
        (d / n).write_text(text + "\n", encoding="utf-8")
    card = {"id": name, **card, "parameters": sum(t.numel() for t in tensors.values()), "files": ["model.safetensors", *files]}
    (d / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(name, sum(f.stat().st_size for f in d.iterdir()), "bytes")
