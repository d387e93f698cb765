"""What may stand in the place of batch normalisation."""

from math import gcd

from torch import nn

NORMS = ("batch", "group", "none")
_GROUPS = 32


def replace_batch_norm(module: nn.Module, norm: str) -> None:
    """Put another normalisation wherever a module has batch norm.

    Args:
        module: Changed in place.
        norm: ``batch`` leaves it as it is; ``group`` is group norm of 32 groups, or as many as
            divide the channels (Wu and He, ECCV 2018, https://arxiv.org/abs/1803.08494); ``none``
            leaves normalisation out.
    """
    if norm == "batch":
        return
    for name, part in module.named_children():
        if isinstance(part, nn.BatchNorm2d):
            channels = part.num_features
            group = nn.GroupNorm(gcd(_GROUPS, channels), channels)
            setattr(module, name, group if norm == "group" else nn.Identity())
        else:
            replace_batch_norm(part, norm)
