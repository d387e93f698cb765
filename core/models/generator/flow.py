"""Flow matching: straight ways from noise to latents, learnt and followed.

Lipman et al., ICLR 2023 (https://arxiv.org/abs/2210.02747): at time t a latent is t of the film's
and 1 - t of noise, and the network learns the velocity, film less noise. Times are drawn
logit-normal, as the middle of the way is the hardest (Esser et al., ICML 2024,
https://arxiv.org/abs/2403.03206).
"""

import torch
from torch import Tensor

from core.models.generator.denoiser import ANY_CLASS, Denoiser

UNTOLD_SHARE = 0.1
"""Share of the films whose class training does not tell, for guidance (Ho and Salimans, 2022)."""


def flow_loss(network: Denoiser, latents: Tensor, labels: Tensor, mirrored: Tensor) -> Tensor:
    """Mean squared error of the velocity, at random times and with random noise.

    Args:
        network: The denoiser.
        latents: (B, 4, 16, 16), of about unit variance.
        labels: (B,), places in ``CLASSES``.
        mirrored: (B,), 0 or 1.
    """
    noise = torch.randn_like(latents)
    times = torch.randn(len(latents), device=latents.device).sigmoid()
    share = times[:, None, None, None]
    untold = torch.rand(len(latents), device=latents.device) < UNTOLD_SHARE
    told = torch.where(untold, ANY_CLASS, labels)
    velocity: Tensor = network(share * latents + (1 - share) * noise, times, told, mirrored)
    return (velocity - (latents - noise)).square().mean()


def follow(network: Denoiser, noise: Tensor, labels: Tensor, steps: int, guidance: float) -> Tensor:
    """Follow the velocity from noise to latents, by Heun's method.

    Args:
        network: In evaluation mode.
        noise: (B, 4, 16, 16), standard normal.
        labels: (B,), places in ``CLASSES``.
        steps: Of two looks each; the last has one.
        guidance: 1 follows the class alone; more exaggerates what tells it from any class
            (Ho and Salimans, 2022, https://arxiv.org/abs/2207.12598).

    Returns:
        (B, 4, 16, 16), of films that are not mirrored.
    """
    upright = torch.zeros_like(labels)

    def velocity(latents: Tensor, time: float) -> Tensor:
        times = torch.full((len(latents),), time, device=latents.device)
        told: Tensor = network(latents, times, labels, upright)
        if guidance == 1:
            return told
        untold: Tensor = network(latents, times, torch.full_like(labels, ANY_CLASS), upright)
        return untold + guidance * (told - untold)

    latents = noise
    for step in range(steps):
        time, after = step / steps, (step + 1) / steps
        first = velocity(latents, time)
        ahead = latents + first / steps
        if after < 1:
            ahead = latents + (first + velocity(ahead, after)) / (2 * steps)
        latents = ahead
    return latents
