"""What g2p.py and dates.py share: two kinds of encoder-decoder, their training, their search, their files.

Onmt computes what OpenNMT-py 1.x computes with -rnn_type LSTM -encoder_type brnn -global_attention general -input_feed 1, under its
names; Marian what transformers' MarianMTModel does, under its names. A batch holds sources of one length only, so that nothing is masked.
"""
import json, math, pathlib, random, struct, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
import common

UNK, BLANK, BOS, EOS = range(4)
SPECIALS = ["<unk>", "<blank>", "<s>", "</s>"]


def lut(n, d):
    return nn.ModuleDict({"make_embedding": nn.ModuleDict({"emb_luts": nn.ModuleList([nn.Embedding(n, d, padding_idx=BLANK)])})})


def embedding(part):
    return part["embeddings"]["make_embedding"]["emb_luts"][0]


class Onmt(nn.Module):
    """m_j: the encoder's states. x_t = [embedding of y_t-1; o_t-1], h_t = the stacked cells of x_t, a = softmax_j(m_j . W_in h_t),
    c_t = sum a_j m_j, o_t = tanh(W_out [c_t; h_t]), log p = log softmax(W o_t + b). The cells begin with the encoder's last states."""
    first, pad, eos = BOS, BLANK, EOS

    def __init__(self, src, tgt, embed, hidden, layers=1, dropout=0.0):
        super().__init__()
        self.size, self.drop = (src, tgt, embed, hidden, layers), nn.Dropout(dropout)
        self.encoder = nn.ModuleDict({"embeddings": lut(src, embed), "rnn": nn.LSTM(embed, hidden // 2, layers, batch_first=True, bidirectional=True, dropout=dropout if layers > 1 else 0)})
        cells = nn.ModuleList(nn.LSTMCell(embed + hidden if k == 0 else hidden, hidden) for k in range(layers))
        attn = {"linear_in": nn.Linear(hidden, hidden, bias=False), "linear_out": nn.Linear(2 * hidden, hidden, bias=False)}
        self.decoder = nn.ModuleDict({"embeddings": lut(tgt, embed), "rnn": nn.ModuleDict({"layers": cells}), "attn": nn.ModuleDict(attn)})
        self.generator = nn.ModuleList([nn.Linear(hidden, tgt)])
        for n, p in self.named_parameters():
            if "hh" in n and "weight" in n:
                for w in p.chunk(4):
                    nn.init.orthogonal_(w.data)

    def config(self):
        src, tgt, embed, hidden, layers = self.size
        return {"model_type": "onmt", "encoder_type": "brnn", "decoder_type": "rnn", "rnn_type": "LSTM", "enc_layers": layers, "dec_layers": layers,
                "src_word_vec_size": embed, "tgt_word_vec_size": embed, "rnn_size": hidden, "global_attention": "general",
                "global_attention_function": "softmax", "input_feed": 1, "bridge": False, "copy_attn": False, "coverage_attn": False,
                "context_gate": None, "share_embeddings": False, "share_decoder_embeddings": False, "src_vocab_size": src, "tgt_vocab_size": tgt}

    def encode(self, src):
        m, (h, c) = self.encoder["rnn"](self.drop(embedding(self.encoder)(src)))
        both = lambda s: [torch.cat([s[2 * k], s[2 * k + 1]], -1) for k in range(len(s) // 2)]
        return m, both(h), both(c)

    def forward(self, src, y):
        """Logits [batch, step, word] of the words after y."""
        m, h, c = self.encode(src)
        key, cell, e = m @ self.decoder["attn"]["linear_in"].weight, self.decoder["rnn"]["layers"][0], self.size[2]
        x = F.linear(self.drop(embedding(self.decoder)(y)), cell.weight_ih[:, :e], cell.bias_ih + cell.bias_hh)
        w = torch.cat([cell.weight_ih[:, e:], cell.weight_hh], 1).T
        o, out = torch.zeros_like(h[0]), []
        for xt in x.unbind(1):
            i, f, g, q = torch.addmm(xt, torch.cat([o, h[0]], 1), w).chunk(4, 1)
            c[0] = f.sigmoid() * c[0] + i.sigmoid() * g.tanh()
            h[0] = q.sigmoid() * c[0].tanh()
            for k, upper in enumerate(self.decoder["rnn"]["layers"][1:], 1):
                h[k], c[k] = upper(self.drop(h[k - 1]), (h[k], c[k]))
            a = torch.bmm(key, h[-1][:, :, None]).squeeze(2).softmax(1)
            o = torch.bmm(a[:, None], m).squeeze(1)
            o = self.drop(self.decoder["attn"]["linear_out"](torch.cat([o, h[-1]], 1)).tanh())
            out.append(o)
        return self.generator[0](torch.stack(out, 1))

    def begin(self, src):
        m, h, c = self.encode(src)
        return [m, torch.zeros_like(h[0]), *h, *c]

    def next(self, state, y, keep=None):
        """(log p of the next word, the state after it), of y, the word before: one step as the paper has it. keep takes what it computes."""
        m, o, n = state[0], state[1], self.size[4]
        h, c = list(state[2 : 2 + n]), list(state[2 + n :])
        x = torch.cat([embedding(self.decoder)(y), o], 1)
        for k, cell in enumerate(self.decoder["rnn"]["layers"]):
            x, c[k] = h[k], _ = cell(x, (h[k], c[k]))
        s = torch.bmm(m, self.decoder["attn"]["linear_in"](x)[:, :, None]).squeeze(2)
        a = s.softmax(1)
        context = torch.bmm(a[:, None], m).squeeze(1)
        o = self.decoder["attn"]["linear_out"](torch.cat([context, x], 1)).tanh()
        z = self.generator[0](o)
        if keep is not None:
            keep.append({"hidden": torch.stack(h, 1), "cell": torch.stack(c, 1), "attn.scores": s, "attn.pattern": a, "context": context, "attentional": o, "logits": z})
        return z.log_softmax(1), [m, o, *h, *c]


class Attention(nn.Module):
    def __init__(self, d, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (nn.Linear(d, d) for _ in range(4))

    def forward(self, x, m, causal=False):
        q, k, v = (p(y).unflatten(2, (self.heads, -1)).transpose(1, 2) for p, y in ((self.q_proj, x), (self.k_proj, m), (self.v_proj, m)))
        z = F.scaled_dot_product_attention(q, k, v, is_causal=causal, dropout_p=self.dropout if self.training else 0)
        return self.out_proj(z.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """Norms come after; a decoder's layer looks at the encoder between the two halves of an encoder's."""

    def __init__(self, d, heads, ffn, dropout, decoder):
        super().__init__()
        self.decoder, self.drop = decoder, nn.Dropout(dropout)
        self.self_attn, self.self_attn_layer_norm = Attention(d, heads, dropout), nn.LayerNorm(d)
        if decoder:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(d, heads, dropout), nn.LayerNorm(d)
        self.fc1, self.fc2, self.final_layer_norm = nn.Linear(d, ffn), nn.Linear(ffn, d), nn.LayerNorm(d)

    def forward(self, x, m=None):
        x = self.self_attn_layer_norm(x + self.drop(self.self_attn(x, x, self.decoder)))
        if self.decoder:
            x = self.encoder_attn_layer_norm(x + self.drop(self.encoder_attn(x, m)))
        return self.final_layer_norm(x + self.drop(self.fc2(self.drop(F.silu(self.fc1(x))))))


class Marian(nn.Module):
    """One vocabulary for both sides, whose embeddings give the logits too. The source ends in </s>; the target begins with <blank>."""
    first, pad, eos = BLANK, BLANK, EOS

    def __init__(self, vocab, d, heads, ffn, layers, dropout=0.0, positions=64):
        super().__init__()
        self.size, self.drop = (vocab, d, heads, ffn, layers, positions), nn.Dropout(dropout)
        part = lambda decoder: nn.ModuleDict({"layers": nn.ModuleList(Layer(d, heads, ffn, dropout, decoder) for _ in range(layers))})
        self.model = nn.ModuleDict({"shared": nn.Embedding(vocab, d), "encoder": part(False), "decoder": part(True)})
        self.final_logits_bias = nn.Parameter(torch.zeros(1, vocab))
        nn.init.normal_(self.model["shared"].weight, std=d ** -.5)
        for n, p in self.named_parameters():
            if "proj.weight" in n or "fc" in n and n.endswith("weight"):
                nn.init.xavier_uniform_(p)
        at = torch.arange(positions)[:, None] * 10000 ** (-torch.arange(0, d, 2) / d)
        self.register_buffer("sines", torch.cat([at.sin(), at.cos()], 1), persistent=False)

    def config(self):
        vocab, d, heads, ffn, layers, positions = self.size
        side = lambda s: {f"{s}_layers": layers, f"{s}_attention_heads": heads, f"{s}_ffn_dim": ffn}
        return {"model_type": "marian", "architectures": ["MarianMTModel"], "vocab_size": vocab, "d_model": d, **side("encoder"), **side("decoder"),
                "activation_function": "swish", "scale_embedding": True, "static_position_embeddings": True, "max_position_embeddings": positions,
                "normalize_before": False, "normalize_embedding": False, "add_bias_logits": False, "add_final_layer_norm": False,
                "share_encoder_decoder_embeddings": True, "tie_word_embeddings": True, "is_encoder_decoder": True, "num_hidden_layers": layers,
                "bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": BLANK, "decoder_start_token_id": BLANK, "forced_eos_token_id": None}

    def embed(self, ids):
        return self.drop(self.model["shared"](ids) * self.size[1] ** .5 + self.sines[: ids.shape[1]])

    def encode(self, src):
        x = self.embed(F.pad(src, (0, 1), value=EOS))
        for layer in self.model["encoder"]["layers"]:
            x = layer(x)
        return x

    def decode(self, m, y):
        x = self.embed(y)
        for layer in self.model["decoder"]["layers"]:
            x = layer(x, m)
        return x @ self.model["shared"].weight.T + self.final_logits_bias

    def forward(self, src, y):
        return self.decode(self.encode(src), y)

    def begin(self, src):
        return [self.encode(src), torch.zeros(len(src), 0, dtype=torch.long)]

    def next(self, state, y):
        y = torch.cat([state[1], y[:, None]], 1)
        return self.decode(state[0], y)[:, -1].log_softmax(1), [state[0], y]


def greedy(model, src, most):
    """The likeliest word at each step, for each of a batch of sources of one length."""
    state, y, out, done = model.begin(src), torch.full((len(src),), model.first), [], torch.zeros(len(src), dtype=torch.bool)
    for _ in range(most):
        p, state = model.next(state, y)
        y = p.argmax(1).masked_fill(done, model.eos)
        done |= y == model.eos
        out.append(y)
        if done.all():
            break
    return [r[: r.index(model.eos)] if model.eos in r else r for r in torch.stack(out, 1).tolist()]


def beam(model, src, width, most, history=None):
    """For each source the `width` best finished hypotheses, as (sum of log p, words with </s>), best first; no penalty of length.

    At each step the 2 x width best continuations of the live hypotheses are looked at, best first (of equals, that of the earlier
    hypothesis, then the lower word): one that ends is finished if it is among the first `width`; the others live, until `width` do. A
    source is done when `width` are finished and no live one is better than the last of them. At `most` words the live ones are finished
    as they are. So does transformers with length_penalty=0. history gets, for one source, what was looked at: (score, hypothesis, word, its fate).
    """
    n, state = len(src), [s.repeat_interleave(width, 0) for s in model.begin(src)]
    y, score = torch.full((n * width,), model.first), torch.full((n, width), -math.inf)
    score[:, 0] = 0
    words, finished, done = [[[] for _ in range(width)] for _ in range(n)], [[] for _ in range(n)], [False] * n
    for step in range(most):
        p, state = model.next(state, y)
        v = p.shape[1]
        total = (p.view(n, width, v) + score[:, :, None]).flatten(1)
        best, at = (t.tolist() for t in total.sort(dim=1, descending=True, stable=True))
        pick, y, score = [], [], torch.full((n, width), -math.inf)
        for s in range(n):
            live, seen = [], []
            for rank in range(2 * width if not done[s] else 0):
                h, w = divmod(at[s][rank], v)
                if best[s][rank] == -math.inf:
                    break
                fate = "finished" if w == model.eos and rank < width and len(live) < width else "live" if w != model.eos and len(live) < width else "pruned"
                seen.append((best[s][rank], h, w, fate))
                if fate == "live":
                    live.append(seen[-1][:3])
                elif fate == "finished":
                    finished[s].append((best[s][rank], words[s][h] + [w]))
            if history is not None:
                history.append(seen)
            finished[s] = sorted(finished[s], key=lambda f: -f[0])[:width]
            words[s] = [words[s][h] + [w] for _, h, w in live]
            done[s] = done[s] or not live or len(finished[s]) == width and finished[s][-1][0] >= live[0][0]
            for i, (b, _, _) in enumerate(live):
                score[s, i] = b
            live += [(0, 0, model.pad)] * (width - len(live))
            pick += [s * width + h for _, h, _ in live]
            y += [w for _, _, w in live]
            if step == most - 1 and not done[s]:
                finished[s] = sorted(finished[s] + [(b, words[s][i]) for i, (b, _, _) in enumerate(live) if i < len(words[s])], key=lambda f: -f[0])[:width]
        if all(done):
            break
        state, y = [t[pick] for t in state], torch.tensor(y)
    return finished


def by_length(sources, batch):
    """Indexes of sources, in lists of at most `batch` whose sources are of one length."""
    rows = {}
    for i, s in enumerate(sources):
        rows.setdefault(len(s), []).append(i)
    return [r[k : k + batch] for _, r in sorted(rows.items()) for k in range(0, len(r), batch)]


def answers(model, sources, most, width=1):
    """What the model says to each source: lists of words without </s>."""
    out = [None] * len(sources)
    with torch.no_grad():
        for rows in by_length(sources, 256):
            src = torch.tensor([sources[i] for i in rows])
            for i, r in zip(rows, greedy(model, src, most) if width == 1 else [f[0][1] for f in beam(model, src, width, most)]):
                out[i] = [w for w in r if w != model.eos]
    return out


def distance(a, b):
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        last, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            last, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, last + (x != y))
    return row[-1]


def train(model, pairs, check, rate, batch, minutes, steps, seed):
    """check(step) measures and keeps. The rate rises over the first 4% and falls along a cosine, by steps or, if that comes first, by time."""
    rng, start, checked, step = random.Random(seed), time.time(), time.time(), 0
    opt = torch.optim.AdamW(model.parameters(), lr=rate, betas=(.9, .98), weight_decay=.01)
    typical = batch * sum(len(t) + 1 for _, t in pairs) / len(pairs)
    done = lambda: max(step / steps, (time.time() - start) / 60 / minutes)
    sources = [s for s, _ in pairs]
    while done() < 1:
        rng.shuffle(order := list(range(len(pairs))))
        batches = [[order[i] for i in b] for b in by_length([sources[i] for i in order], batch)]
        rng.shuffle(batches)
        for rows in batches:
            if (at := done()) >= 1:
                break
            for g in opt.param_groups:
                g["lr"] = rate * min(at / .04, .5 + .5 * math.cos(math.pi * at)) + 1e-5
            src = torch.tensor([sources[i] for i in rows])
            most = max(len(pairs[i][1]) for i in rows) + 1
            y = torch.tensor([[model.first, *pairs[i][1], model.eos] + [-1] * (most - 1 - len(pairs[i][1])) for i in rows])
            z = model(src, y[:, :-1].clamp(min=0).masked_fill(y[:, :-1] < 0, model.pad))
            loss = F.cross_entropy(z.flatten(0, 1), y[:, 1:].flatten(), ignore_index=-1, reduction="sum")
            opt.zero_grad(), (loss / typical).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            opt.step()
            step += 1
            if step % 100 == 0:
                print(f"{step} {loss.item() / (y[:, 1:] >= 0).sum().item():.3f} nats a word, {at:.0%}, {(time.time() - start) / step:.3f} s a step", flush=True)
            if time.time() - checked > 60 * min(4, minutes / 5):
                check(step)
                checked = time.time()
    return step


def shipped(model):
    """The model as its file will hold it; give what comes back to load_state_dict to go on."""
    whole = {k: v.clone() for k, v in model.state_dict().items()}
    common.halve(model)
    model.eval()
    return whole


def read(folder):
    """(model, config, files) of what common.save wrote."""
    folder = pathlib.Path(folder)
    raw = (folder / "model.safetensors").read_bytes()
    n = struct.unpack("<Q", raw[:8])[0]
    tensors = {}
    for k, t in json.loads(raw[8 : 8 + n]).items():
        a, b = t["data_offsets"]
        tensors[k] = torch.from_numpy(np.frombuffer(raw[8 + n + a : 8 + n + b], "<f2").reshape(t["shape"]).astype("f4"))
    c = json.loads((folder / "config.json").read_text())
    if c["model_type"] == "onmt":
        model = Onmt(c["src_vocab_size"], c["tgt_vocab_size"], c["src_word_vec_size"], c["rnn_size"], c["enc_layers"])
    else:
        model = Marian(c["vocab_size"], c["d_model"], c["encoder_attention_heads"], c["encoder_ffn_dim"], c["encoder_layers"], positions=c["max_position_embeddings"])
    model.load_state_dict(tensors)
    return model.eval(), c, json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
