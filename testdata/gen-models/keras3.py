"""Tiny models of Keras 3 in its files, and their goldens: python keras3.py (requirements.txt). KERAS_BACKEND is torch."""
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras, numpy as np
from keras import layers as L
from keras_reference import OUT, V, golden, softmax, weights


def fill(model, seed):
    for k, v in enumerate(model.weights):
        w = weights(v.shape, seed * 100 + k)
        if "variance" in v.path:
            w = abs(w) + 0.5
        elif "gamma" in v.path:
            w = w + 1
        v.assign(w)


def save(model, name, file):
    d = OUT / name
    d.mkdir(parents=True, exist_ok=True)
    path = d / file
    if file.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)


def w(layer):
    return [np.asarray(v.numpy()) for v in layer.weights]


def cell(kind, layer, seq=False, **more):
    k, r, *b = w(layer)
    d = {"kind": kind, "kernel": k, "rec": r, "seq": seq, **more}
    return d | ({"bias": b[0]} if b else {})


def dense(layer, act):
    k, b = w(layer)
    return {"kind": "dense", "kernel": k, "bias": b, "act": act}


def head(layer):
    k, b = w(layer)
    return {"kind": "head", "kernel": k, "bias": b}


def predict(model, pad=0, onehot=False, last=True):
    def f(ids):
        x = keras.utils.pad_sequences([ids], maxlen=pad or len(ids))  # fills up and cuts on the left
        if onehot:
            x = np.eye(V)[x]
        y = model.predict(x, verbose=0)[0]
        return y if last else y[-1]
    return f


def lstm():
    """Two layers, a prediction after each token: runs go on from token to token."""
    m = keras.Sequential([L.Input((None,)), L.Embedding(V, 12), L.LSTM(16, return_sequences=True), L.Dropout(0.2), L.LSTM(16, return_sequences=True, use_bias=False), L.Dense(V, activation="softmax")])
    fill(m, 1)
    save(m, "keras-lstm", "model.keras")
    e, a, _, b, d = m.layers
    layers = [{"kind": "embed", "table": w(e)[0]}, cell("lstm", a, True), cell("lstm", b, True), head(d)]
    golden("keras-lstm", layers, predict(m, last=False))
    save(m, "keras-weights", "char.weights.h5")
    golden("keras-weights", layers, predict(m, last=False))


def gru():
    """Filled up with id 0 to 8 tokens, which the model reads as any other; HDF5 by Keras 3."""
    m = keras.Sequential([L.Input((8,)), L.Embedding(V, 12), L.GRU(16, recurrent_activation="hard_sigmoid"), L.Dense(14, activation="elu"), L.BatchNormalization(), L.Dense(V), L.Activation("softmax")])
    fill(m, 2)
    save(m, "keras-gru", "model.h5")
    e, a, d, n, h, _ = m.layers
    gamma, beta, mean, var = w(n)
    layers = [{"kind": "embed", "table": w(e)[0]}, cell("gru", a, reset_after=True, gate="hard_sigmoid_3"), dense(d, "elu"),
              {"kind": "batchnorm", "gamma": gamma, "beta": beta, "mean": mean, "var": var, "eps": n.epsilon}, head(h)]
    golden("keras-gru", layers, predict(m, pad=8), pad=8)


def both():
    """Read in both directions, filled up with a 0 that is masked; a functional model."""
    i = L.Input((8,))
    e = L.Embedding(V, 12, mask_zero=True)
    a = L.Bidirectional(L.LSTM(9, return_sequences=True), merge_mode="ave")
    b = L.Bidirectional(L.GRU(8, reset_after=False, activation="softsign"))
    n, d, h = L.LayerNormalization(), L.Dense(14, activation="relu"), L.Dense(V, activation="softmax")
    m = keras.Model(i, h(d(n(L.Dropout(0.1)(b(a(e(i))))))))
    fill(m, 3)
    save(m, "keras-both", "model.keras")
    gamma, beta = w(n)
    half = lambda kind, layer, **more: {"kind": "both", "forward": cell(kind, layer.forward_layer, **more), "backward": cell(kind, layer.backward_layer, **more), "merge": layer.merge_mode, "seq": layer.return_sequences}
    layers = [{"kind": "embed", "table": w(e)[0]}, half("lstm", a), half("gru", b, act="softsign"), {"kind": "norm", "gamma": gamma, "beta": beta, "eps": n.epsilon}, dense(d, "relu"), head(h)]
    golden("keras-both", layers, predict(m, pad=8), pad=8, masked=True)


lstm()
gru()
both()
