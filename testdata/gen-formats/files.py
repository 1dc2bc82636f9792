"""Writes small weights files with the reference writers (safetensors, numpy): testdata/formats. Every tensor is called
a.<type> or t.<type>, is [3, 64], and holds (i - 90) / 4 at place i (whole numbers: i - 90; BOOL: i % 3 == 0).

  python files.py
"""
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parent.parent / "formats"
OUT.mkdir(exist_ok=True)
N = torch.arange(192, dtype=torch.float64).view(3, 64) - 90
REAL = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
WHOLE = {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8}

tensors = {f"t.{n}": (N / 4).to(d) for n, d in REAL.items()} | {f"t.{n}": N.to(d) for n, d in WHOLE.items()}
tensors["t.BOOL"] = torch.arange(192).view(3, 64) % 3 == 0
tensors["t.U8"] = (N + 90).to(torch.uint8)
save_file(tensors, OUT / "types.safetensors", metadata={"format": "pt"})

arrays = {f"t.{n}": (N / 4).numpy().astype(d) for n, d in {"F64": "<f8", "F32": "<f4", "F16": "<f2"}.items()}
arrays |= {f"t.{n}": N.numpy().astype(d) for n, d in {"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1"}.items()}
arrays["t.BOOL"], arrays["t.U8"] = tensors["t.BOOL"].numpy(), tensors["t.U8"].numpy()
arrays["fortran"] = np.asfortranarray((N / 4).numpy().astype("<f4"))
arrays["big"] = (N / 4).numpy().astype(">f4")
np.savez(OUT / "types.npz", **arrays)
np.savez_compressed(OUT / "deflated.npz", **arrays)
np.save(OUT / "one.npy", (N / 4).numpy().astype("<f4"))
