"""Writes torchvision-state-dicts.json beside this file: what torchvision's networks hold and cost.

For each network at 3x224x224 and 1000 classes: the ordered [name, shape, dtype] of its state_dict, and the
multiply-adds of its convolutions and linear layers for one sample, counted by hooks while it runs.

    python3 torchvision_state_dicts.py        (made with torch 1.13, torchvision 0.14.1)
"""
import json
import pathlib
import sys

# This file's own folder comes first on the path, where its name would hide the package.
sys.path = [entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent]

import torch  # noqa: E402
from torchvision import models  # noqa: E402

NAMES = ["vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn", "resnet18", "resnet34", "resnet50", "resnet101", "mobilenet_v2"]


def multiply_adds(network):
    total = 0

    def count(module, inputs, output):
        nonlocal total
        total += output.numel() * module.weight[0].numel()

    for module in network.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            module.register_forward_hook(count)
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, 224, 224))
    return total


def describe(name):
    network = getattr(models, name)(weights=None)
    state = [[key, list(value.shape), str(value.dtype).removeprefix("torch.")] for key, value in network.state_dict().items()]
    return {"multiplyAdds": multiply_adds(network), "state": state}


def main():
    networks = {name: describe(name) for name in NAMES}
    lines = []
    for name, network in networks.items():
        entries = ",\n".join("      " + json.dumps(entry) for entry in network["state"])
        lines.append(f'  "{name}": {{\n    "multiplyAdds": {network["multiplyAdds"]},\n    "state": [\n{entries}\n    ]\n  }}')
    target = pathlib.Path(__file__).with_name("torchvision-state-dicts.json")
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
