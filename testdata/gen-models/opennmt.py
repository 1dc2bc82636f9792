"""Tiny random OpenNMT-py models, and the log probabilities that OpenNMT-py 1.2.0 itself gives a target.

    python opennmt.py ../onmt        (torch 2.5.1, safetensors; OpenNMT-py==1.2.0 on PYTHONPATH)
"""
import collections, json, pathlib, sys, types
for name in ("sentencepiece", "waitress", "flask"):
    sys.modules.setdefault(name, types.ModuleType(name))
import torch
from onmt.decoders.decoder import InputFeedRNNDecoder, StdRNNDecoder
from onmt.decoders.transformer import TransformerDecoder
from onmt.encoders.rnn_encoder import RNNEncoder
from onmt.encoders.transformer import TransformerEncoder
from onmt.modules import CopyGenerator, Embeddings
from onmt.modules.copy_generator import collapse_copy_scores
from torchtext.vocab import Vocab
from safetensors.torch import save_file

E, H, SRC, TGT = 3, 4, 7, 9
MODELS = {  # cell, both ways, layers, attention, input feeding, bridge
    "lstm-mlp-bridge": ("LSTM", True, 2, "mlp", 1, True), "gru-dot": ("GRU", True, 2, "dot", 1, False),
    "gru-bridge": ("GRU", False, 2, "general", 1, True), "lstm-std": ("LSTM", False, 2, "general", 0, False),
    "gru-std-mlp": ("GRU", True, 1, "mlp", 0, False)}


MORE = {  # a gate, or another function of attention
    "gate-source": ("GRU", False, 1, "dot", 1, False, "source"), "gate-target": ("LSTM", True, 1, "general", 0, False, "target"),
    "gate-both": ("GRU", True, 1, "mlp", 1, False, "both"), "sparsemax": ("GRU", False, 1, "general", 1, False, None, "sparsemax")}
COPIES = {"copy": ("LSTM", True, 1, "general", 1, False, None, "softmax", {"copy_attn": True, "copy_attn_type": "mlp"}),
          "copy-reuse": ("GRU", False, 1, "dot", 1, False, None, "softmax", {"copy_attn": True, "reuse_copy_attn": True})}
MARKS = ["<unk>", "<blank>", "<s>", "</s>"]
SRC_WORDS, TGT_WORDS = MARKS + ["ann", "bob", "cy"], MARKS + ["to", "bob", "and", "ann", "go"]  # cy cannot be written
TRANSFORMERS = {"transformer": (2, True), "transformer-plain": (1, False)}  # layers, position encodings


def rnn(cell, both, layers, attention, feed, bridge, gate=None, function="softmax", copy={}):
    enc = RNNEncoder(cell, both, layers, H, 0.0, Embeddings(E, SRC, 1), bridge)
    decoder = InputFeedRNNDecoder if feed else StdRNNDecoder
    dec = decoder(cell, both, layers, H, attn_type=attention, attn_func=function, context_gate=gate, embeddings=Embeddings(E, TGT, 1), **copy)
    texts = {"source_tokens": "words", "target_tokens": "words"} if copy else {}
    more = {"context_gate": gate, "global_attention_function": function} if gate or function != "softmax" else {}
    return enc, dec, more | copy | texts | {"encoder_type": "brnn" if both else "rnn", "decoder_type": "rnn", "rnn_type": cell, "enc_layers": layers,
                      "dec_layers": layers, "src_word_vec_size": E, "tgt_word_vec_size": E, "rnn_size": H, "global_attention": attention,
                      "input_feed": feed, "bridge": bridge, "src_vocab_size": SRC, "tgt_vocab_size": TGT}


def transformer(layers, positions):
    heads, inner = 2, 6
    enc = TransformerEncoder(layers, H, heads, inner, 0.0, 0.0, Embeddings(H, SRC, 1, position_encoding=positions), 0)
    dec = TransformerDecoder(layers, H, heads, inner, False, "scaled-dot", 0.0, 0.0, Embeddings(H, TGT, 1, position_encoding=positions),
                             0, False, False, -1, 0)
    return enc, dec, {"encoder_type": "transformer", "decoder_type": "transformer", "enc_layers": layers, "dec_layers": layers,
                      "src_word_vec_size": H, "tgt_word_vec_size": H, "rnn_size": H, "heads": heads, "transformer_ff": inner,
                      "position_encoding": positions, "max_relative_positions": 0, "src_vocab_size": SRC, "tgt_vocab_size": TGT}


def copied(gen, out, attn, src):
    """log p of the target's words, as OpenNMT-py's translator has them; words that are the source's only are <unk>."""
    words = [SRC_WORDS[i] for i in src]
    vocab = lambda w, marks: Vocab(collections.Counter(w), specials=marks)
    ext, tgt = vocab(words, MARKS[:2]), vocab([], TGT_WORDS)
    src_map = torch.zeros(len(words), 1, len(ext))
    for j, w in enumerate(words):
        src_map[j, 0, ext.stoi[w]] = 1
    batch = types.SimpleNamespace(src_ex_vocab=[ext], indices=torch.zeros(1, dtype=torch.long))
    p = collapse_copy_scores(gen(out, attn, src_map)[:, None], batch, tgt)[:, 0]
    only = [TGT + i for i in range(2, len(ext)) if ext.itos[i] not in TGT_WORDS]
    p[:, 0] += p[:, only].sum(1)
    return p[:, :TGT].clamp_min(1e-20).log()


def make(folder, enc, dec, options):
    copies = options.get("copy_attn")
    gen = CopyGenerator(H, TGT, 1) if copies else torch.nn.Sequential(torch.nn.Linear(H, TGT), torch.nn.LogSoftmax(-1))
    parts = {"encoder": enc, "decoder": dec, "generator": gen}
    tensors = {}
    for part, module in parts.items():
        module.eval()
        for name, p in module.named_parameters():
            p.data = torch.randn_like(p)
            tensors[f"{part}.{name}"] = p.data.contiguous()
    src, tgt = torch.tensor([4, 5, 6, 4]), torch.tensor([2, 4, 8, 5, 6])
    with torch.no_grad():
        state, memory, lengths = enc(src[:, None, None], torch.tensor([4]))
        dec.init_state(src[:, None, None], memory, state)
        out, attns = dec(tgt[:, None, None], memory, memory_lengths=lengths, with_align=True)
        logp = copied(gen, out[:, 0], attns["copy"][:, 0], src) if copies else gen(out)[:, 0]
    # of a Transformer "std" is one head of the last layer, and "align" their mean
    attention = attns["align"][0] if "align" in attns else attns["std"][:, 0]
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "onmt"} | options, indent=1) + "\n")
    expected = {"source": src.tolist(), "target": tgt.tolist(), "logp": logp.tolist(), "attention": attention.tolist()}
    if copies:
        (folder / "vocab.json").write_text(json.dumps({"src": SRC_WORDS, "tgt": TGT_WORDS}) + "\n")
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


torch.manual_seed(0)
root = pathlib.Path(sys.argv[1])
for name, options in MODELS.items():
    make(root / name, *rnn(*options))
for name, options in TRANSFORMERS.items():
    make(root / name, *transformer(*options))
for name, options in MORE.items():
    make(root / name, *rnn(*options))
for name, options in COPIES.items():
    make(root / name, *rnn(*options))
