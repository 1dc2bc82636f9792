"""HDF5 files as h5py writes them, for engine/checkpoint/hdf5: python hdf5.py (requirements.txt). Values are i/4 - 3 by place, or i - 12 of
whole numbers."""
import pathlib
import h5py, ml_dtypes, numpy as np

OUT = pathlib.Path(__file__).resolve().parents[1] / "hdf5"
OUT.mkdir(exist_ok=True)


def values(dtype, shape):
    i = np.arange(int(np.prod(shape)))
    return (i - 12 if np.dtype(dtype).kind in "iu" else i / 4 - 3).astype(dtype).reshape(shape)


def attributes(o, how):
    o.attrs["text"] = "é and more"
    o.attrs["bytes"] = np.bytes_("fixed")
    o.attrs["names"] = ["one", "zwei", "三"]
    o.attrs["fixed"] = np.array([b"a", b"bcd"])
    o.attrs["none"] = []
    if how:  # more than 8 go elsewhere: dense.h5
        return
    o.attrs["int"] = 7
    o.attrs["ints"] = np.array([1, -2, 3], dtype="i2")
    o.attrs["float"] = 0.5
    o.attrs["long"] = "x" * 70_000  # in the global heap
    o.attrs["record"] = np.zeros(2, dtype=[("a", "f4")]) # is not read


def types(name, **how):
    with h5py.File(OUT / name, "w", **how) as f:
        attributes(f.create_group("attributes"), how)
        g = f.create_group("types")
        for d in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", ">f4", ">i2"]:
            g[d.replace(">", "big-")] = values(d, (3, 8))
        g["bool"] = values("i1", (3, 8)) % 3 == 0
        b = g.create_dataset("bf16", data=values("f4", (3, 8)).astype(ml_dtypes.bfloat16))
        b.attrs["dtype"] = "bfloat16"
        s = f.create_group("shapes")
        s["scalar"] = np.float32(1.5)
        s["empty"] = np.zeros((0, 3), "f4")
        s["cube"] = values("f4", (2, 3, 4))
        s.create_dataset("null", data=h5py.Empty("f4"))
        c = f.create_group("chunks")
        x = values("f4", (7, 10))
        c.create_dataset("plain", data=x, chunks=(3, 4))
        c.create_dataset("gzip", data=x, chunks=(3, 4), compression="gzip")
        c.create_dataset("all", data=x, chunks=(2, 10), compression="gzip", shuffle=True, fletcher32=True)
        c.create_dataset("sum", data=x, chunks=(7, 10), fletcher32=True)
        c.create_dataset("one", data=x, chunks=(7, 10), compression="gzip", shuffle=True)
        c.create_dataset("cube", data=values("f8", (5, 4, 6)), chunks=(2, 3, 4), shuffle=True, compression="gzip")
        c.create_dataset("line", data=values("i4", (25,)), chunks=(4,))
        many = f.create_group("many")
        for i in range(7 if how else 40):
            many[f"d{i:02}"] = values("f4", (i % 3 + 1,))
        low = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        low.set_layout(h5py.h5d.COMPACT)
        v = values("f4", (2, 5))
        d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(v.shape), dcpl=low)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, v)


types("types.h5")
types("latest.h5", libver="latest")
with h5py.File(OUT / "dense.h5", "w", libver="latest") as f:  # more members and attributes than a header takes
    for i in range(20):
        f[f"d{i:02}"] = values("f4", (i % 3 + 1,))
        f["d00"].attrs[f"a{i:02}"] = i
with h5py.File(OUT / "dense-many.h5", "w", libver="latest") as f:  # so many that their tree has nodes in nodes, and their heap a table
    for i in range(300):
        f.create_group(f"a-group-with-a-long-name-{i}")
    for i in range(100):
        f.attrs[f"x{i}"] = f"text {i}"


def small(name, make, **how):
    with h5py.File(OUT / name, "w", **how) as f:
        make(f)


def one(f):
    f.attrs["names"] = ["one", "two"]
    f["g/x"] = values("f4", (2, 3))
    f.create_dataset("g/z", data=values("f4", (4, 3)), chunks=(2, 3), compression="gzip")



small("small.h5", one)
small("small-latest.h5", one, libver="latest")
small("soft.h5", lambda f: f.__setitem__("x", h5py.SoftLink("/y")))
small("lzf.h5", lambda f: f.create_dataset("x", data=values("f4", (40, 30)), compression="lzf"))
small("grows.h5", lambda f: f.create_dataset("x", data=values("f4", (4, 3)), maxshape=(None, 3), chunks=(2, 3)), libver="latest")
small("hole.h5", lambda f: f.create_dataset("x", shape=(4, 3), dtype="f4", chunks=(2, 3)))
small("never.h5", lambda f: f.create_dataset("x", shape=(4, 3), dtype="f4"))
small("twice.h5", lambda f: (f.__setitem__("x", values("f4", (2,))), f.__setitem__("y", f["x"])))
small("empty.h5", lambda f: None)
for p in sorted(OUT.iterdir()):
    print(p.name, p.stat().st_size)
