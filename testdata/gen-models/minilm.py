"""What all-MiniLM-L6-v2 computes of a text, by transformers' BertModel in float64 on the file's weights, and the vectors of the text by every kind of pooling
that sentence-transformers has, in NumPy by the formulas of its models/Pooling.py. `make models` fetches the model."""
import json, pathlib
import numpy as np, torch
from safetensors.numpy import save
from transformers import AutoTokenizer, BertModel
from common import OUT

MODEL = pathlib.Path(__file__).resolve().parents[2] / "web" / "models-large" / "all-minilm-l6-v2"
TEXT = ("Loupe shows how a small language model works: it reads the whole sentence at once, and every token sees all the others. "
        "Naïve café prices rose by 12.5% in 1998; 東京 and Zürich were dearer. Does the model know?")
POSITIONS = [0, 1, 17, -2, -1]  # whose vectors are kept
QUERIES = [0, 9]                # whose rows of the patterns


def pool(h):
    n = len(h)
    w = np.arange(1, n + 1)[:, None]
    return {"mean": h.mean(0), "cls": h[0], "max": h.max(0), "mean_sqrt_len": h.sum(0) / np.sqrt(n), "weightedmean": (h * w).sum(0) / w.sum(), "lasttoken": h[-1]}


torch.set_num_threads(1)
ids = AutoTokenizer.from_pretrained(MODEL)(TEXT)["input_ids"]
m = BertModel.from_pretrained(MODEL, attn_implementation="eager").double().eval()
with torch.no_grad():
    out = m(torch.tensor([ids]), output_hidden_states=True, output_attentions=True)
f32 = lambda x: np.ascontiguousarray(np.asarray(x), dtype=np.float32)
tensors = {}
for l, h in enumerate(out.hidden_states):
    name = "embed.ln.normalized" if l == 0 else f"blocks.{l - 1}.ln2.normalized"
    tensors[f"hidden/{name}"] = f32(h[0][POSITIONS])
for l, p in enumerate(out.attentions):
    tensors[f"pattern/blocks.{l}.attn.pattern"] = f32(p[0][:, QUERIES])
for name, v in pool(out.last_hidden_state[0].numpy()).items():
    tensors[f"pool/{name}"] = f32(v)
    tensors[f"unit/{name}"] = f32(v / np.linalg.norm(v))
meta = {"golden": json.dumps({"text": TEXT, "ids": ids, "positions": [p % len(ids) for p in POSITIONS], "queries": QUERIES})}
b = save(tensors, metadata=meta)
(OUT / "goldens" / "minilm.safetensors").write_bytes(b)
print(len(ids), len(b))
