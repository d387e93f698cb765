"""The generator of synthetic films: a safetensors file beside its card, checked before it is used.

Its weights do not ship; the gallery that it drew does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.batches import in_batches
from core.data.dataset import seed_of
from core.data.labels import CLASSES, Label
from core.imaging.preprocess import resize
from core.models.generator.autoencoder import FILM_PX, LATENT_SHAPE, Autoencoder
from core.models.generator.denoiser import Denoiser
from core.models.generator.flow import follow
from core.models.weights import WEIGHTS_FOLDER, fill, read_card, read_weights, ship

GENERATOR_FOLDER = WEIGHTS_FOLDER / "synthetic"
WEIGHTS_NAME, CARD_NAME = "weights.safetensors", "card.json"
BATCH = 64

Films = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class GeneratorCard:
    """What is known of the generator; the JSON file beside its weights.

    Args:
        version: Version of these weights.
        sha256: Of the safetensors file.
        parameters: Number of weights.
        steps: Steps in which a film is drawn.
        guidance: How much a film's class is exaggerated; 1 not at all.
        manifest_sha256: Of the films that it was trained on, and those held out.
        films: Films that it was trained on.
        folds: Folds that patients were split into.
        fold: The fold that was held out.
        split_seed: Seed of that split.
        autoencoder_epochs: Epochs of the autoencoder.
        denoiser_epochs: Epochs of the denoiser.
        training_seconds: How long both took.
    """

    version: str
    sha256: str
    parameters: int
    steps: int
    guidance: float
    manifest_sha256: str
    films: int
    folds: int
    fold: int
    split_seed: int
    autoencoder_epochs: int
    denoiser_epochs: int
    training_seconds: int


class Generator(nn.Module):
    """An autoencoder, a denoiser, and the scale of the latents between them."""

    mean: Tensor
    scale: Tensor

    def __init__(self, autoencoder: Autoencoder, denoiser: Denoiser) -> None:
        super().__init__()
        self.autoencoder, self.denoiser = autoencoder, denoiser
        channels = (1, LATENT_SHAPE[0], 1, 1)
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("scale", torch.ones(channels))

    def draw(
        self,
        label: Label,
        numbers: Sequence[int],
        seed: int,
        steps: int,
        guidance: float,
        fast: bool = False,
    ) -> Films:
        """Draw films, each decided by its class, its number and the seed.

        Args:
            label: Their class.
            numbers: One for each film.
            seed: Of all.
            steps: In which each is drawn.
            guidance: How much the class is exaggerated; 1 not at all.
            fast: Compute in bfloat16, which draws films that differ a little.

        Returns:
            (N, 128, 128), 0 black to 255 white.
        """
        place, device = CLASSES.index(label), self.mean.device
        noise = torch.stack([_noise(seed_of(seed, place, number)) for number in numbers])
        drawn = []
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=fast):
            for batch in in_batches(noise, BATCH):
                labels = torch.full((len(batch),), place, device=device)
                start = torch.stack(batch).to(device)
                latents = follow(self.denoiser, start, labels, steps, guidance)
                films = self.autoencoder.decode(latents * self.scale + self.mean)
                drawn.append((films[:, 0].clamp(0, 1) * 255).round().to(torch.uint8))
        return torch.cat(drawn).cpu().numpy()


def drawn_size(pixels: Films) -> Films:
    """Films (N, H, W) at the size at which the generator draws: (N, 128, 128)."""
    sized = [
        resize(torch.tensor(film).float()[None], FILM_PX).round().to(torch.uint8) for film in pixels
    ]
    return torch.cat(sized).numpy()


def _noise(seed: int) -> Tensor:
    return torch.randn(LATENT_SHAPE, generator=torch.Generator().manual_seed(seed))


def save_generator(card: GeneratorCard, weights: bytes, folder: Path = GENERATOR_FOLDER) -> None:
    """Write the generator's weights and its card."""
    ship(card, folder / CARD_NAME, weights, folder / WEIGHTS_NAME)


def load_generator_card(folder: Path = GENERATOR_FOLDER) -> GeneratorCard:
    """The generator's card alone, which ships.

    Raises:
        WeightsMissing: It is not there.
        WeightsDamaged: It is not what ``save_generator`` writes.
    """
    return read_card(folder / CARD_NAME, lambda content: GeneratorCard(**content))


def load_generator(folder: Path = GENERATOR_FOLDER) -> tuple[GeneratorCard, Generator]:
    """The generator's card and the generator, verified and in evaluation mode.

    Raises:
        WeightsMissing: The card or the weights are not there; they do not ship, but
            ``python -m core generate train`` makes them.
        WeightsDamaged: The card is not what ``save_generator`` writes, or the weights' sha256 is
            not the card's.
        WeightsMismatch: The file does not hold the generator's weights.
    """
    card = load_generator_card(folder)
    file = folder / WEIGHTS_NAME
    weights = read_weights(file, card.sha256)
    generator = fill(Generator(Autoencoder(), Denoiser()), weights, file, "generator")
    return card, generator.to(memory_format=torch.channels_last)
