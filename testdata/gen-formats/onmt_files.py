"""Checkpoints of OpenNMT-py in the layouts of its versions, of one tiny model, with stand-ins for its and torchtext's classes under their true
module names; and the same weights as a safetensors folder. torch==2.5.1, safetensors.

    python onmt_files.py ../formats/onmt
"""
import argparse, json, os, sys, types
from collections import Counter

import torch
from safetensors.torch import save_file

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(7)
SRC = ["<unk>", "<blank>", "cat", "dog", "runs", "sees", "the"]
TGT = ["<unk>", "<blank>", "<s>", "</s>", "chat", "chien", "court", "le", "voit"]
E, H = 3, 4


def stand_in(module, name):
    """a class that is pickled under the name that OpenNMT-py's or torchtext's has"""
    parts = module.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    c = type(name, (), {"__module__": module})
    setattr(sys.modules[module], name, c)
    return c


Vocab = stand_in("torchtext.vocab", "Vocab")
Field = stand_in("torchtext.data.field", "Field")
Multi = stand_in("onmt.inputters.text_dataset", "TextMultiField")


def made(cls, **attrs):
    o = cls()
    o.__dict__.update(attrs)
    return o


def vocab(itos):
    return made(Vocab, freqs=Counter(itos), itos=list(itos), stoi={w: i for i, w in enumerate(itos)}, vectors=None)


def field(itos):
    return made(Field, sequential=True, use_vocab=True, init_token=None, pad_token="<blank>", unk_token="<unk>", vocab=vocab(itos))


def r(*shape):
    return torch.rand(*shape) * 2 - 1


def lstm(prefix, suffix, inputs, hidden):
    return {f"{prefix}weight_ih{suffix}": r(4 * hidden, inputs), f"{prefix}weight_hh{suffix}": r(4 * hidden, hidden),
            f"{prefix}bias_ih{suffix}": r(4 * hidden), f"{prefix}bias_hh{suffix}": r(4 * hidden)}


model = {"encoder.embeddings.make_embedding.emb_luts.0.weight": r(len(SRC), E), "decoder.embeddings.make_embedding.emb_luts.0.weight": r(len(TGT), E),
         **lstm("encoder.rnn.", "_l0", E, H // 2), **lstm("encoder.rnn.", "_l0_reverse", E, H // 2), **lstm("decoder.rnn.layers.0.", "", E + H, H),
         "decoder.attn.linear_in.weight": r(H, H), "decoder.attn.linear_out.weight": r(H, 2 * H)}
generator = {"weight": r(len(TGT), H), "bias": r(len(TGT))}
seq = {"0." + k: t for k, t in generator.items()}
old = dict(model_type="text", encoder_type="rnn", decoder_type="rnn", rnn_type="LSTM", brnn=True, layers=1, word_vec_size=E, rnn_size=H,
           global_attention="general", input_feed=1, bridge=False, copy_attn=False, coverage_attn=False, context_gate=None, dropout=0.3)
v1 = dict(old, encoder_type="brnn", enc_layers=1, dec_layers=1, layers=-1, word_vec_size=-1, src_word_vec_size=E, tgt_word_vec_size=E, rnn_size=-1,
          enc_rnn_size=H, dec_rnn_size=H, dropout=[0.3], global_attention_function="softmax")
del v1["brnn"]
v3 = {k: v for k, v in v1.items() if "rnn_size" not in k}
v3.update(hidden_size=-1, enc_hid_size=H, dec_hid_size=H)


def save(name, voc, opt, generator, **how):
    opt = argparse.Namespace(**opt) if opt else None
    torch.save({"model": model, "generator": generator, "vocab": voc, "opt": opt, "epoch": 3, "optim": {"training_step": 1}}, f"{out}/{name}.pt", **how)


legacy = dict(_use_new_zipfile_serialization=False)
save("v0.1", [("src", vocab(SRC)), ("tgt", vocab(TGT))], old, seq, **legacy)
save("v0.8", {"src": [("src", field(SRC))], "tgt": [("tgt", field(TGT))], "indices": [("indices", made(Field, use_vocab=False))]}, old, seq, **legacy)
save("v1.2", {"src": made(Multi, fields=[("src", field(SRC))]), "tgt": made(Multi, fields=[("tgt", field(TGT))])}, v1, seq)
save("v3", {"src": SRC, "tgt": TGT, "data_task": "seq2seq", "decoder_start_token": "<s>"}, v3, generator)
save("no-opt", {"src": SRC, "tgt": TGT}, None, generator)
save("no-target", {"src": SRC}, v3, generator)
save("image", {"src": SRC, "tgt": TGT}, dict(v1, model_type="img"), seq)
save("copy", {"src": SRC, "tgt": TGT}, dict(v1, copy_attn=True), seq)
save("short", {"src": SRC[:-1], "tgt": TGT}, v1, seq)

os.makedirs(f"{out}/folder", exist_ok=True)
save_file({**model, **{"generator." + k: t for k, t in seq.items()}}, f"{out}/folder/model.safetensors")
with open(f"{out}/folder/config.json", "w") as f:
    json.dump(dict(model_type="onmt", encoder_type="brnn", enc_layers=1, dec_layers=1, src_word_vec_size=E, tgt_word_vec_size=E, rnn_size=H,
                   src_vocab_size=len(SRC), tgt_vocab_size=len(TGT), source_tokens="words", target_tokens="words"), f, indent=1)
with open(f"{out}/folder/vocab.json", "w") as f:
    json.dump({"src": SRC, "tgt": TGT}, f)
