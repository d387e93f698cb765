"""How alike two sets of films are, by their features: FID, KID, precision and recall."""

import warnings
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from core.evaluation.generator.features import Floats

NEIGHBOURS = 3
_KID_SUBSETS, _KID_FILMS = 100, 100


class _Given(nn.Identity):
    """Takes the place of the network in torchmetrics: the features are computed already."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.num_features = width


def likeness(real: Floats, drawn: Floats) -> Mapping[str, float]:
    """Compare drawn films with real ones.

    Args:
        real: Features (N, C).
        drawn: Features (M, C).

    Returns:
        ``fid`` (Heusel et al., NeurIPS 2017) and ``kid`` (Binkowski et al., ICLR 2018, without
        FID's bias with few films), both 0 where the sets are alike; ``precision``, the share of
        drawn films among the real ones, and ``recall``, the share of real films among the drawn
        ones (Kynkaanniemi et al., NeurIPS 2019, https://arxiv.org/abs/1904.06991).
    """
    one, other = torch.from_numpy(real), torch.from_numpy(drawn)
    fid = FrechetInceptionDistance(_Given(real.shape[1]), normalize=True)
    films = min(_KID_FILMS, len(one), len(other))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Metric .* will save all extracted features")
        kid = KernelInceptionDistance(
            _Given(real.shape[1]), subsets=_KID_SUBSETS, subset_size=films, normalize=True
        )
    for metric in (fid, kid):
        metric.update(one, real=True)
        metric.update(other, real=False)
    with torch.random.fork_rng():
        torch.manual_seed(0)  # of KID's subsets
        kid_mean, _ = kid.compute()
    return {
        "fid": float(fid.compute()),
        "kid": float(kid_mean),
        "precision": share_among(other, one),
        "recall": share_among(one, other),
    }


def share_among(films: Tensor, others: Tensor, neighbours: int = NEIGHBOURS) -> float:
    """The share of films that lie nearer to one of the others than its own neighbours do.

    Args:
        films: Features (N, C).
        others: Features (M, C), M over ``neighbours``.
        neighbours: Which neighbour of its own kind is one's reach.
    """
    reach = torch.cdist(others, others).kthvalue(neighbours + 1, dim=1).values  # itself is one
    return float((torch.cdist(films, others) <= reach).any(1).float().mean())


def some(features: Floats, count: int, seed: int = 0) -> Floats:
    """As many rows, drawn at random; all where there are no more."""
    chosen = np.random.default_rng(seed).permutation(len(features))[:count]
    return features[np.sort(chosen)]
