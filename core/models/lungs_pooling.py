"""A logit that is a map of evidence, summed over the lungs.

The last feature map becomes one map of evidence by the weights of the last layer, is enlarged to
the pixels of the lungs' mask, and is averaged over the lungs: each pixel weighs as much as it is
likely to be lung, and where that is not over one half, nothing. So class activation map (Zhou et
al., CVPR 2016, https://arxiv.org/abs/1512.04150), Grad-CAM and logit are one thing, and what lies
outside the lungs adds nothing. At an edge that is in doubt evidence counts for less than inside.
"""

from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.imaging.framing import lung_weights


class LungsPooledHead(nn.Module):
    """From a feature map and the lungs to one logit.

    Args:
        linear: The last layer of a head that averages over all places: (C,) to one logit.
        dropout: Share of the features that training drops, the same ones at all places.
    """

    def __init__(self, linear: nn.Linear, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        self.linear = linear

    def places(self, feature_map: Tensor) -> Tensor:
        """The evidence for pneumonia at each place, without the bias: (B, C, h, w) to (B, h, w)."""
        kept: Tensor = self.dropout(feature_map).float()
        return (kept * self.linear.weight[0, :, None, None]).sum(1)

    def evidence(self, feature_map: Tensor, lungs: Tensor) -> Tensor:
        """What each pixel adds to the logit.

        Args:
            feature_map: (B, C, h, w).
            lungs: (B, 1, S, S), the probability of lung.

        Returns:
            (B, S, S), zero outside the lungs; its sum is the logit less the bias.
        """
        weights = lung_weights(lungs[:, 0])
        places = interpolate(
            self.places(feature_map)[:, None],
            weights.shape[-2:],
            mode="bilinear",
            align_corners=False,
        )[:, 0]
        return places * weights / weights.sum((1, 2), keepdim=True).clamp_min(1)

    def forward(self, feature_map: Tensor, lungs: Tensor) -> Tensor:
        """Logits (B,) of feature maps (B, C, h, w) and lungs (B, 1, S, S)."""
        return self.evidence(feature_map, lungs).sum((1, 2)) + self.linear.bias[0]
