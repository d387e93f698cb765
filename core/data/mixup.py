"""Mixup: two films and their targets, blended."""

from torch import Tensor


def mix(images: Tensor, targets: Tensor, share: float, order: Tensor) -> tuple[Tensor, Tensor]:
    """Mixup (Zhang et al., ICLR 2018, https://arxiv.org/abs/1710.09412) of a batch with itself.

    Args:
        images: (B, 1, S, S).
        targets: (B,), in [0, 1].
        share: Weight of each film itself; its partner has the rest.
        order: (B,), the partner of each film.

    Returns:
        Images and targets of the same shapes.
    """
    return (
        share * images + (1 - share) * images[order],
        share * targets + (1 - share) * targets[order],
    )
