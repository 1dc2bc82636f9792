"""Small files of Keras 3 for engine/checkpoint/keras: python keras_files.py (requirements.txt). Each weight is i/4 - 3 by place."""
import os

os.environ["KERAS_BACKEND"] = "torch"
import pathlib, zipfile
import keras, numpy as np
from keras import layers as L

OUT = pathlib.Path(__file__).resolve().parents[1] / "keras"
OUT.mkdir(exist_ok=True)


def fill(m):
    for v in m.weights:
        v.assign((np.arange(int(np.prod(v.shape))).reshape(v.shape) / 4 - 3).astype("float32"))
    return m


def tiny():
    return fill(keras.Sequential([L.Input((None,)), L.Embedding(5, 3), L.LSTM(2), L.Dense(5)]))


m = tiny()
m.save(OUT / "tiny.keras")
m.save(OUT / "tiny.h5")
m.save_weights(OUT / "tiny.weights.h5")
m.compile("adam", "mse")
m.fit(np.zeros((1, 3)), np.zeros((1, 5)), epochs=1, verbose=0)
fill(m).save(OUT / "trained.keras")  # with an optimizer's state
fill(m).save(OUT / "trained.h5")
with zipfile.ZipFile(OUT / "tiny.keras") as z, zipfile.ZipFile(OUT / "deflated.keras", "w", zipfile.ZIP_DEFLATED) as d:
    for n in z.namelist():
        d.writestr(n, z.read(n))
for policy in ["float16", "bfloat16"]:  # zeros, for torch has no orthogonal matrices of them
    keras.config.set_dtype_policy(policy)
    fill(keras.Sequential([L.Input((None,)), L.Embedding(5, 3), L.LSTM(2, recurrent_initializer="zeros"), L.Dense(5)])).save(OUT / f"{policy}.keras")
keras.config.set_dtype_policy("float32")
x = L.Input((None,))
inner = L.Bidirectional(L.GRU(2, return_sequences=True))
y = L.TimeDistributed(L.Dense(4))(L.BatchNormalization()(L.LayerNormalization()(inner(L.Embedding(5, 3, name="words")(x)))))
m = fill(keras.Model(x, L.Dense(5)(L.Dropout(0.5)(L.LSTM(2, dropout=0.1, name="top")(y)))))
m.save(OUT / "kinds.keras")
m.save(OUT / "kinds.h5")
for p in sorted(OUT.iterdir()):
    print(p.name, p.stat().st_size)
