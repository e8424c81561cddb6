"""Writes torchvision-logits.json: what torchvision's networks give for weights and an input made by a formula.

Run in this folder by `python3` with torch, torchvision and numpy. TorchvisionLogitsTests repeats the formula, so no
weights are stored. An element is
a hash of its tensor's name (FNV-1a) and its index (SplitMix64), made uniform in [-1, 1) and scaled in float64.
"""
import json

import numpy
import torch
import torchvision

GOLDEN = numpy.uint64(0x9E3779B97F4A7C15)
BATCH, PIXELS = 2, 224


def name_hash(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return numpy.uint64(value)


def uniform(name, count):
    with numpy.errstate(over="ignore"):
        value = name_hash(name) + numpy.arange(count, dtype=numpy.uint64) * GOLDEN
        value = (value ^ (value >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        value = value ^ (value >> numpy.uint64(31))
    return (value >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53 * 2 - 1


def formula(name, shape):
    count = int(numpy.prod(shape))
    values = uniform(name, count)
    if len(shape) > 1:
        values = values * numpy.sqrt(4.0 / (count // shape[0]))
    elif name.endswith("running_var"):
        values = 1 + 0.5 * values
    elif name.endswith(".weight"):
        values = 1 + 0.25 * values
    else:
        values = 0.125 * values
    return torch.from_numpy(values.astype(numpy.float32).reshape(shape))


def logits(network):
    state = network.state_dict()
    for name, value in state.items():
        if value.dtype == torch.float32:
            value.copy_(formula(name, tuple(value.shape)))
    shape = (BATCH, 3, PIXELS, PIXELS)
    images = torch.from_numpy(uniform("input", int(numpy.prod(shape))).astype(numpy.float32).reshape(shape))
    with torch.no_grad():
        return network.eval()(images)


torch.set_num_threads(1)
result = {}
for zoo_name, build in [
    ("resnet18", torchvision.models.resnet18),
    ("vgg16", torchvision.models.vgg16_bn),
    ("mobilenetv2", torchvision.models.mobilenet_v2),
]:
    rows = logits(build(weights=None))
    print(zoo_name, rows.std().item(), rows.abs().max().item())
    result[zoo_name] = [[float("%.8g" % value) for value in row] for row in rows.tolist()]
with open("torchvision-logits.json", "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
