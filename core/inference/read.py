"""What networks make of framed films."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.films import Films
from core.imaging.framing import cut, stretch, widened
from core.imaging.framings import Framed
from core.models.hardware import is_bf16_fast
from core.models.network import Network

FILMS_AT_ONCE, FILMS_AT_ONCE_ON_GPU = 32, 256


def inputs(framed: Framed, size_px: int, times: float = 1.0) -> tuple[Tensor, Tensor]:
    """Films as a network reads them, with where their lungs are there.

    Args:
        framed: B films.
        size_px: The network's input side, in pixels.
        times: How many times as wide and high as the boxes is read.

    Returns:
        Images (B, 1, S, S), stretched, in [0, 1], and the probability of lung (B, 1, S, S).
    """
    boxes = widened(framed.boxes, times)
    return stretch(cut(framed.films, boxes, size_px)), cut(framed.lungs, boxes, size_px)


def both_ways(network: Network, framed: Framed, size_px: int, times: float = 1.0) -> Tensor:
    """The logits of films and of their mirror images: (B, 2), float32, not calibrated.

    Left and right weigh alike in training, so the mean over both says the same with less noise.
    """
    return of_both_ways(network, *inputs(framed, size_px, times))


def of_both_ways(network: Network, images: Tensor, lungs: Tensor) -> Tensor:
    """The same of images and lungs as the network reads them, (B, 1, S, S) each."""
    each = [
        network(seen.contiguous(memory_format=torch.channels_last), where).float()
        for seen, where in ((images, lungs), (images.flip(-1), lungs.flip(-1)))
    ]
    return torch.stack(each, dim=1)


def logits_of(networks: Sequence[Network], framed: Framed) -> NDArray[np.float32]:
    """The mean logit of several networks, (B,), float32, not calibrated."""
    with torch.inference_mode():
        each = [both_ways(network, framed, network.size_px).mean(1) for network in networks]
        mean: NDArray[np.float32] = torch.stack(each).mean(0).cpu().numpy()
    return mean


def read_films(
    network: Network, framing: str, films: Films, fast: bool | None = None
) -> NDArray[np.float32]:
    """The logit of many films, (N,), float32, not calibrated.

    Args:
        network: In evaluation mode, on the device that reads.
        framing: How it reads films, one of ``core.imaging.framings.FRAMINGS``.
        films: The N films.
        fast: Whether to read in bfloat16, whose logits differ in the third digit: neither ranking
            nor calibration needs it. Where the device is fast at it if None.
    """
    device = next(network.parameters()).device
    bf16 = is_bf16_fast(device.type) if fast is None else fast
    at_once = FILMS_AT_ONCE if device.type == "cpu" else FILMS_AT_ONCE_ON_GPU
    logits = [np.empty(0, np.float32)]
    for start in range(0, len(films), at_once):
        framed = films.framed(framing, slice(start, start + at_once), device)
        with torch.inference_mode():
            seen = inputs(framed, network.size_px)
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                logits.append(of_both_ways(network, *seen).mean(1).cpu().numpy())
    return np.concatenate(logits)
