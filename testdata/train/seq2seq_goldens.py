"""What the encoder-decoders compute, activation by activation, and what their search finds, for the engine's tests.

    python seq2seq_goldens.py ../../web/models ../seq2seq      (needs transformers too: ../gen-models/requirements.txt)

For each model in MODELS (g2p-lstm, g2p-transformer, dates-lstm) OUT/<model>.npz holds "<input>/<activation>", for two of the inputs, of the run
whose target is the winner of the beam; OUT/<model>.json the words, the hypotheses with their scores, and the beam step by step. All of it
is computed in float64 from the weights that are shipped, here by formulas, which are checked against torch's and transformers' own modules.
"""
import json, pathlib, sys
import numpy as np, torch, torch.nn.functional as F
from transformers import MarianMTModel
from seq2seq import Onmt, beam, embedding, greedy, read

INPUTS = {"g2p": ["thoroughly", "phonograph", "o'neill", "mississippi", "a"],
          "dates": ["we bought two hundred and five books on the third of March", "the third of March , 1984", "twelve thousand three hundred and five",
                    "星期一 下午 三 点 半", "两 万 二 千 五 百 零 六 匹 马"]}
KEPT = {"g2p-lstm": (1, 4), "g2p-transformer": (4,), "dates-lstm": (1, 3)}  # inputs of which the activations are kept
MOST = 40


def close(what, a, b):
    assert torch.allclose(a, b, rtol=1e-9, atol=1e-9), f"{what}: not what the module computes"


def lstm(x, w, h, c, at, seen):
    """Steps of one LSTM over x [time, width], its gates under the name at. w: weight_ih, weight_hh, bias_ih, bias_hh."""
    out = {}
    for t, xt in enumerate(x):
        h, c = cell(xt, h, c, w, out)
    rows = {k: torch.stack(v) for k, v in out.items()}
    seen |= {f"{at}.{k}": v for k, v in rows.items()}
    return rows["hidden"], h, c


def cell(x, h, c, w, out):
    i, f, g, o = (w[0] @ x + w[2] + w[1] @ h + w[3]).chunk(4)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * c + i * g
    h = o * c.tanh()
    for k, v in (("input_gate", i), ("forget_gate", f), ("cell_gate", g), ("output_gate", o), ("cell", c), ("hidden", h)):
        out.setdefault(k, []).append(v)
    return h, c


WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def run_onmt(m, src, y):
    """Activations of the source src and of the target y (which begins with <s>), one row a word; the encoder's two directions side by side."""
    seen, layers, half = {}, m.size[4], m.size[3] // 2
    x = seen["encoder.embed"] = embedding(m.encoder)(src)
    h0, c0 = [], []
    for k in range(layers):
        ways = []
        for way, turn in (("", lambda v: v), ("_reverse", lambda v: v.flip(0))):
            w = [getattr(m.encoder["rnn"], f"{n}_l{k}{way}") for n in WEIGHTS]
            one = {}
            _, h, c = lstm(turn(x), w, torch.zeros(half), torch.zeros(half), "", one)
            ways.append(({n: turn(v) for n, v in one.items()}, h, c))
        for n in ways[0][0]:
            seen[f"encoder.layers.{k}{n}"] = torch.cat([v[0][n] for v in ways], 1)
        x = seen[f"encoder.layers.{k}.hidden"]
        h0.append(torch.cat([v[1] for v in ways]))
        c0.append(torch.cat([v[2] for v in ways]))
        seen |= {f"decoder.layers.{k}.hidden_start": h0[k][None], f"decoder.layers.{k}.cell_start": c0[k][None]}
    memory, o = x, torch.zeros(m.size[3])
    rows, gates = {}, [{} for _ in range(layers)]
    note = lambda name, v: rows.setdefault(name, []).append(v)
    for word in y:
        note("decoder.embed", e := embedding(m.decoder)(word))
        note("decoder.input", x := torch.cat([e, o]))
        for k, one in enumerate(m.decoder["rnn"]["layers"]):
            h0[k], c0[k] = cell(x, h0[k], c0[k], [getattr(one, n) for n in WEIGHTS], gates[k])
            x = h0[k]
        note("decoder.attn.query", q := m.decoder["attn"]["linear_in"].weight @ x)
        note("decoder.attn.attn_scores", s := memory @ q)
        note("decoder.attn.pattern", a := s.softmax(0))
        note("decoder.context", c := a @ memory)
        note("decoder.attentional", o := (m.decoder["attn"]["linear_out"].weight @ torch.cat([c, x])).tanh())
        note("logits", m.generator[0](o))
    seen |= {n: torch.stack(v) for n, v in rows.items()}
    for k, g in enumerate(gates):
        seen |= {f"decoder.layers.{k}.{n}": torch.stack(v) for n, v in g.items()}
    close("encoder", memory, m.encode(src[None])[0][0])
    close("logits", seen["logits"], m(src[None], y[None])[0])
    state, keep = m.begin(src[None]), []
    for word in y:
        _, state = m.next(state, word[None], keep)
    for name, other in (("attn.pattern", "decoder.attn.pattern"), ("context", "decoder.context"), ("attentional", "decoder.attentional")):
        close(name, seen[other], torch.cat([s[name] for s in keep]))
    return seen


def run_marian(m, src, y, hf):
    """Activations under TransformerLens's names: each norm comes after the sum that it takes. src and y are as the stacks read them."""
    seen, d, heads = {}, m.size[1], m.size[2]

    def norm(ln, x, name):
        seen[name + ".scale"] = (x.var(1, unbiased=False, keepdim=True) + ln.eps).sqrt()
        seen[name + ".normalized"] = (x - x.mean(1, keepdim=True)) / seen[name + ".scale"] * ln.weight + ln.bias
        return seen[name + ".normalized"]

    def attend(a, x, memory, name, causal):
        q, k, v = (seen.setdefault(f"{name}.{n}", p(z).unflatten(1, (heads, -1))) for n, p, z in (("q", a.q_proj, x), ("k", a.k_proj, memory), ("v", a.v_proj, memory)))
        s = torch.einsum("qhd,khd->hqk", q, k) / (d // heads) ** .5
        if causal:
            s = s.masked_fill(torch.ones(len(x), len(x), dtype=torch.bool).triu(1), -torch.inf)
        p = s.softmax(2)
        z = torch.einsum("hqk,khd->qhd", p, v)
        seen.update({name + ".attn_scores": s, name + ".pattern": p, name + ".z": z})
        seen[name + "_out"] = a.out_proj(z.flatten(1))
        return seen[name + "_out"]

    def stack(side, ids, memory=None):
        seen[f"{side}.embed"] = m.model["shared"](ids) * d ** .5
        seen[f"{side}.pos_embed"] = m.sines[: len(ids)]
        x = seen[f"{side}.embed"] + seen[f"{side}.pos_embed"]
        for l, layer in enumerate(m.model[side]["layers"]):
            at = f"{side}.blocks.{l}."
            seen[at + "resid_pre"] = x
            x = seen[at + "resid_mid"] = x + attend(layer.self_attn, x, x, at + "attn", memory is not None)
            x = norm(layer.self_attn_layer_norm, x, at + "ln1")
            if memory is not None:
                x = seen[at + "resid_cross"] = x + attend(layer.encoder_attn, x, memory, at + "cross_attn", False)
                x = norm(layer.encoder_attn_layer_norm, x, at + "ln_cross")
            seen[at + "mlp.pre"] = layer.fc1(x)
            seen[at + "mlp.post"] = F.silu(seen[at + "mlp.pre"])
            seen[at + "mlp_out"] = layer.fc2(seen[at + "mlp.post"])
            x = seen[at + "resid_post"] = x + seen[at + "mlp_out"]
            x = norm(layer.final_layer_norm, x, at + "ln2")
        return x

    x = stack("decoder", y, stack("encoder", src))
    seen["logits"] = x @ m.model["shared"].weight.T + m.final_logits_bias[0]
    out = hf(input_ids=src[None], decoder_input_ids=y[None], output_attentions=True, output_hidden_states=True)
    close("logits", seen["logits"], out.logits[0])
    for l in range(m.size[4]):
        close("encoder", seen[f"encoder.blocks.{l}.ln2.normalized"], out.encoder_hidden_states[l + 1][0])
        close("decoder", seen[f"decoder.blocks.{l}.ln2.normalized"], out.decoder_hidden_states[l + 1][0])
        close("encoder's pattern", seen[f"encoder.blocks.{l}.attn.pattern"], out.encoder_attentions[l][0])
        close("decoder's pattern", seen[f"decoder.blocks.{l}.attn.pattern"], out.decoder_attentions[l][0])
        close("pattern across", seen[f"decoder.blocks.{l}.cross_attn.pattern"], out.cross_attentions[l][0])
    return seen


def generated(hf, src, penalty, words):
    """transformers' own search: [score, words]; its score is the sum of log p over (words with </s>) ** penalty."""
    g = hf.generate(src[None], num_beams=5, num_return_sequences=5, length_penalty=penalty, max_length=MOST + 1, early_stopping=False, output_scores=True, return_dict_in_generate=True)
    cut = lambda r: r[: r.index(hf.config.eos_token_id) + 1] if hf.config.eos_token_id in r else r
    return [[s, [words[i] for i in cut(r[1:])]] for s, r in zip(g.sequences_scores.tolist(), g.sequences.tolist())]


def make(folder, out):
    m, config, vocab = read(folder)
    m, lstm = m.double(), isinstance(m, Onmt)
    src_ids, tgt = ({w: i for i, w in enumerate(vocab["src"])}, vocab["tgt"]) if lstm else (vocab, list(vocab))
    hf = None
    if not lstm:
        hf = MarianMTModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float64).eval()
        m.sines = hf.model.encoder.embed_positions.weight[: len(m.sines)].clone()
        close("embedding", m.model["shared"].weight, hf.model.shared.weight)
    arrays, notes = {}, []
    for i, text in enumerate(INPUTS[folder.name.split("-")[0]]):
        units = list(text) if config["source_tokens"] == "characters" else text.split()
        src, history = torch.tensor([src_ids[u] for u in units]), []
        found = beam(m, src[None], 5, MOST, history)[0]
        y = torch.tensor([m.first, *found[0][1][:-1]])
        seen = run_onmt(m, src, y) if lstm else run_marian(m, F.pad(src, (0, 1), value=m.eos), y, hf)
        p = seen["logits"].log_softmax(1)[range(len(y)), found[0][1]]
        close("score", p.sum(), torch.tensor(found[0][0]))
        if i in KEPT[folder.name]:
            arrays |= {f"{i}/{k}": v.float().numpy() for k, v in seen.items()}
        name = lambda ids: [tgt[w] for w in ids]
        note = {"source": units, "source_ids": src.tolist(), "target_ids": y.tolist(), "log_p": p.tolist(), "greedy": name(greedy(m, src[None], MOST)[0]),
                "beam_5": [[s, name(w)] for s, w in found], "beam_steps": [[[s, h, tgt[w], f] for s, h, w, f in step] for step in history]}
        if hf:
            ids = F.pad(src, (0, 1), value=m.eos)
            note |= {"generate_length_penalty_0": generated(hf, ids, 0.0, tgt), "generate_length_penalty_1": generated(hf, ids, 1.0, tgt)}
            same = [w for _, w in note["generate_length_penalty_0"]] == [w for _, w in note["beam_5"]]
            note["generate_agrees"] = same and np.allclose([s for s, _ in note["generate_length_penalty_0"]], [s for s, _ in note["beam_5"]])
        notes.append(note)
        print(folder.name, text, *name(found[0][1]), round(found[0][0], 3), note.get("generate_agrees", ""), flush=True)
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / f"{folder.name}.npz", **arrays)
    (out / f"{folder.name}.json").write_text(json.dumps({"inputs": notes}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1), torch.set_grad_enabled(False), torch.set_default_dtype(torch.float64)
    for f in ("g2p-lstm", "g2p-transformer", "dates-lstm"):
        if (pathlib.Path(sys.argv[1]) / f / "model.safetensors").exists():
            make(pathlib.Path(sys.argv[1]) / f, pathlib.Path(sys.argv[2]))
