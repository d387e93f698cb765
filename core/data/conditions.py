"""Stress conditions: what other framings, exposures and exports make of a held-out film.

Films held out of training look like training films, so ordinary validation cannot tell which recipe
survives another hospital's export. Each condition here is fixed in strength and the same for every
network, so that its figures compare; none of them is drawn from test films.
"""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from core.data.dataset import seed_of
from core.data.exchange import exchange
from core.data.frames import FRAMES, in_frame
from core.imaging.jpeg_round_trip import jpeg_round_trip
from core.imaging.preprocess import FILM_SIZE_PX
from core.imaging.transforms import InterpolationMode, transform

PLAIN = "plain"
_BORDER_SHARE = 0.08
_CORNER_SHARE = 0.2
_UNSMOOTHED_PX, _UNSMOOTHED_QUALITY = 150, 70


def _sized(image: Tensor) -> Tensor:
    sized: Tensor = transform.resize(image, [FILM_SIZE_PX, FILM_SIZE_PX], antialias=True)
    return sized.clamp(0, 1)


def _plain(image: Tensor, generator: torch.Generator) -> Tensor:
    return image


def _jpeg(image: Tensor, generator: torch.Generator) -> Tensor:
    return jpeg_round_trip(image, int(torch.randint(20, 61, (), generator=generator)))


def _blur(image: Tensor, generator: torch.Generator) -> Tensor:
    blurred: Tensor = transform.gaussian_blur(image, [9, 9], [1.5, 1.5])
    return blurred.clamp(0, 1)


def _coarse(image: Tensor, generator: torch.Generator) -> Tensor:
    return _sized(transform.resize(image, [90, 90], antialias=True))


def _low_contrast(image: Tensor, generator: torch.Generator) -> Tensor:
    """Less contrast, which the stretch of exposure is there to undo; the figures show it."""
    mean = image.mean()
    return (image - mean) * 0.65 + mean


def _dark(image: Tensor, generator: torch.Generator) -> Tensor:
    return image**1.8


def _bright(image: Tensor, generator: torch.Generator) -> Tensor:
    return image**0.55


def _wide(image: Tensor, generator: torch.Generator) -> Tensor:
    width = round(FILM_SIZE_PX * 1.15)
    wider = transform.resize(image, [FILM_SIZE_PX, width], antialias=True)
    cut: Tensor = transform.center_crop(wider, [FILM_SIZE_PX, FILM_SIZE_PX])
    return cut.clamp(0, 1)


def _tight(image: Tensor, generator: torch.Generator) -> Tensor:
    side = round(FILM_SIZE_PX * 0.8)
    return _sized(transform.center_crop(image, [side, side]))


def _covered(image: Tensor, generator: torch.Generator) -> Tensor:
    """Borders and the upper corners, where markers are, in black."""
    covered = image.clone()
    border = round(FILM_SIZE_PX * _BORDER_SHARE)
    corner = round(FILM_SIZE_PX * _CORNER_SHARE)
    covered[:, :border], covered[:, -border:] = 0, 0
    covered[:, :, :border], covered[:, :, -border:] = 0, 0
    covered[:, :corner, :corner], covered[:, :corner, -corner:] = 0, 0
    return covered


def _noisy(image: Tensor, generator: torch.Generator) -> Tensor:
    return (image + 0.04 * torch.randn(image.shape, generator=generator)).clamp(0, 1)


def _all_at_once(image: Tensor, generator: torch.Generator) -> Tensor:
    return jpeg_round_trip(_low_contrast(_tight(_wide(image, generator), generator), generator), 30)


def _unsmoothed(image: Tensor, generator: torch.Generator) -> Tensor:
    """Another export: made smaller by leaving pixels out, and compressed at another quality."""
    nearest = InterpolationMode.NEAREST
    small = transform.resize(image, [_UNSMOOTHED_PX, _UNSMOOTHED_PX], interpolation=nearest)
    return jpeg_round_trip(_sized(small), _UNSMOOTHED_QUALITY)


_CONDITIONS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    PLAIN: _plain,
    "jpeg": _jpeg,
    "blur": _blur,
    "coarse": _coarse,
    "low_contrast": _low_contrast,
    "dark": _dark,
    "bright": _bright,
    "wide": _wide,
    "tight": _tight,
    "covered": _covered,
    "noisy": _noisy,
    "all_at_once": _all_at_once,
    "unsmoothed": _unsmoothed,
}
EXCHANGED = "exchanged"
"""The exposure and shading of a film of the other class: what is read into style alone fails."""

OF_ONE_FILM = tuple(_CONDITIONS)
CONDITIONS = (*OF_ONE_FILM, EXCHANGED, *FRAMES)


def under(condition: str, film: Tensor, index: int) -> Tensor:
    """A film as it would look under a condition.

    Args:
        condition: One of ``OF_ONE_FILM``.
        film: (1, 224, 224), float32, in [0, 1], before its exposure is stretched.
        index: The film's number, which seeds what is random.

    Returns:
        (1, 224, 224), float32, in [0, 1].
    """
    generator = torch.Generator().manual_seed(seed_of(CONDITIONS.index(condition), index))
    return _CONDITIONS[condition](film, generator)


def seen_under(
    condition: str, films: Tensor, truths: Sequence[int], lungs: Tensor
) -> Iterator[Tensor]:
    """All films as they would look under a condition, one by one.

    Args:
        condition: One of ``CONDITIONS``.
        films: (N, 1, 224, 224), float32, in [0, 1], before exposure is stretched.
        truths: (N,), 1 for pneumonia, of both classes.
        lungs: (N, 1, 224, 224), the probability of lung, which no frame may cut.

    Returns:
        (1, H, W), float32, in [0, 1], of each film: 224 x 224, or what a frame makes of it.
    """
    others = {
        truth: [index for index, its in enumerate(truths) if its != truth] for truth in set(truths)
    }
    for index, film in enumerate(films):
        if condition in FRAMES:
            yield in_frame(condition, film[None], lungs[index : index + 1], first=index)[0]
        elif condition == EXCHANGED:
            partners = others[truths[index]]
            yield exchange(film, films[partners[seed_of(index) % len(partners)]], share=1.0)
        else:
            yield under(condition, film, index)
