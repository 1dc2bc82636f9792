"""Tiny models in the files of Keras 2, and their goldens, by tf_keras, which is Keras 2: python keras2.py (requirements-keras2.txt)."""
import os

os.environ |= {"TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
import numpy as np, tensorflow as tf, tf_keras as keras
from keras_reference import OUT, V, golden, weights

L = keras.layers
old = tf.compat.v1.keras.layers


def fill(model, seed):
    model.set_weights([weights(w.shape, seed * 100 + k) for k, w in enumerate(model.get_weights())])


def save(model, name):
    d = OUT / name
    d.mkdir(parents=True, exist_ok=True)
    model.save(d / "model.h5")


def cell(kind, layer, seq=False, **more):
    k, r, b = layer.get_weights()
    return {"kind": kind, "kernel": k, "rec": r, "bias": b, "seq": seq, **more}


def head(layer):
    k, b = layer.get_weights()
    return {"kind": "head", "kernel": k, "bias": b}


def predict(model, pad=0, onehot=False, last=True):
    def f(ids):
        n = pad or len(ids)
        x = keras.utils.pad_sequences([ids], maxlen=n, value=-1 if onehot else 0)
        if onehot:  # nothing is zeros
            x = (x[..., None] == np.arange(V)).astype("float32")
        y = model.predict(x, verbose=0)[0]
        return y if last else y[-1]
    return f


def onehot():
    """The example of Keras 2 that writes like Nietzsche: the last characters, one-hot."""
    m = keras.Sequential([L.LSTM(16, input_shape=(6, V), recurrent_activation="hard_sigmoid"), L.Dense(V), L.Activation("softmax")])
    fill(m, 4)
    save(m, "keras2-onehot")
    a, h, _ = m.layers
    golden("keras2-onehot", [{"kind": "onehot"}, cell("lstm", a, gate="hard_sigmoid_2"), head(h)], predict(m, pad=6, onehot=True), pad=6)


def first():
    """GRU as it was before reset_after, then SimpleRNN."""
    m = keras.Sequential([L.Embedding(V, 12), L.GRU(16, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid"), L.SimpleRNN(16, return_sequences=True, activation="tanh"),
                          L.TimeDistributed(L.Dense(V, activation="softmax"))])
    m.build((None, None))
    fill(m, 5)
    save(m, "keras2-gru")
    e, a, b, h = m.layers
    golden("keras2-gru", [{"kind": "embed", "table": e.get_weights()[0]}, cell("gru", a, True, gate="hard_sigmoid_2"), cell("rnn", b, True), head(h)], predict(m, last=False))


def cudnn():
    """CuDNN's layers run on a GPU only. What they compute is what Keras's own loader makes of their file for the plain layers."""
    stack = lambda lstm, gru: keras.Sequential([L.Embedding(V, 12), lstm(16, return_sequences=True), gru(15), L.Dense(V, activation="softmax")])
    m, plain = stack(old.CuDNNLSTM, old.CuDNNGRU), stack(L.LSTM, L.GRU)
    m.build((None, None)), plain.build((None, None))
    fill(m, 6)
    save(m, "keras2-cudnn")
    plain.load_weights(OUT / "keras2-cudnn" / "model.h5")
    e, a, b, h = plain.layers
    layers = [{"kind": "embed", "table": e.get_weights()[0]}, cell("lstm", a, True), cell("gru", b, reset_after=True), head(h)]
    golden("keras2-cudnn", layers, predict(plain))


onehot()
first()
cudnn()
