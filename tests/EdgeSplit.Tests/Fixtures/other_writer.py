"""Writes other-writer.safetensors as a writer other than EdgeSplit may: see WeightsFileTests. Needs only Python."""
import json
import struct

HALF, BRAIN, SINGLE, DOUBLE = "F16", "BF16", "F32", "F64"


def pack(dtype, values):
    if dtype == BRAIN:
        return b"".join(struct.pack("<f", value)[2:] for value in values)
    return struct.pack("<%d%s" % (len(values), {HALF: "e", SINGLE: "f", DOUBLE: "d"}[dtype]), *values)


tensors = [
    ("head.bias", SINGLE, [3], [1.0, 2.0, 3.0]),
    ("norm.weight", BRAIN, [2], [1.0, -2.0]),
    ("head.weight", HALF, [3, 8], [value / 4 for value in range(24)]),
    ("norm.running_var", DOUBLE, [2], [0.1, 1e-3]),
    ("norm.running_mean", SINGLE, [2], [0.0, 0.0]),
    ("norm.bias", SINGLE, [2], [0.5, 0.25]),
    ("conv.weight", HALF, [2, 2, 3, 3], [(value - 18) / 8 for value in range(36)]),
]
header, data, = {}, b""
for name, dtype, shape, values in tensors:
    content = pack(dtype, values)
    header[name] = {"shape": shape, "data_offsets": [len(data), len(data) + len(content)], "dtype": dtype}
    data += content
names = sorted(header, reverse=True)
ordered = {names[0]: header[names[0]], "__metadata__": {"format": "np", "made by": "hand \u00e9", "epoch": "3"}}
ordered.update((name, header[name]) for name in names[1:])
text = json.dumps(ordered, indent=1).encode()
with open("other-writer.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
