"""A Keras model that takes text: python keras_text.py (../gen-models/requirements-keras2.txt, which brings Keras 3 with TensorFlow)."""
import os

os.environ |= {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
import pathlib
import keras
from keras import layers as L

v = L.TextVectorization()
v.adapt(["the cat sat on the mat", "the dog sat"])
m = keras.Sequential([L.Input((1,), dtype="string"), v, L.Embedding(v.vocabulary_size(), 3, mask_zero=True), L.LSTM(2), L.Dense(v.vocabulary_size(), activation="softmax")])
m.save(pathlib.Path(__file__).resolve().parents[1] / "keras" / "text.keras")
