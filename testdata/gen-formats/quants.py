"""Writes ../tensor/quants.bin: random blocks of each of ggml's types, and what gguf's reference makes of them.

For each type: its name in 8 bytes, the number of bytes and of weights (u32), the blocks, the weights (f32).
"""
import pathlib
import struct

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

# Where the f16 of a block are.
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0]}
# f16 that go wrong first: 0, -0, the smallest, the largest denormal, 1, -1, the largest, the infinities.
EXTREME = [0x0000, 0x8000, 0x0001, 0x83FF, 0x3C00, 0xBC00, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00]

rng = np.random.default_rng(4)
out = b""
for name, places in HALVES.items():
    weights, size = GGML_QUANT_SIZES[T[name]]
    ordinary = 12 if weights == 32 else 6
    blocks = rng.integers(0, 256, (ordinary + len(EXTREME), size), dtype=np.uint8)
    for i, place in [(i, p) for i in range(len(blocks)) for p in places]:
        half = np.float16(rng.normal() / 50).view(np.uint16)
        if i >= ordinary:
            half = EXTREME[(i + place) % len(EXTREME)]
        blocks[i, place:place + 2] = [half & 255, half >> 8]
    with np.errstate(all="ignore"):
        wide = dequantize(blocks, T[name]).astype("<f4")
    out += struct.pack("<8sII", name.encode(), blocks.size, wide.size) + blocks.tobytes() + wide.tobytes()
folder = pathlib.Path(__file__).parent.parent / "tensor"
folder.mkdir(exist_ok=True)
(folder / "quants.bin").write_bytes(out)
