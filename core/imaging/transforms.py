"""torchvision's transforms; all of this project gets them here, before any other import of it."""

from core.imaging.without_compiler import without_compiler

with without_compiler():
    from torchvision.transforms.v2 import InterpolationMode
    from torchvision.transforms.v2 import functional as transform

__all__ = ["InterpolationMode", "transform"]
