"""What a picture says of its display: gamma (PNG) and grey ICC profiles (PNG, JPEG, TIFF).

A screen expects greys as sRGB has them. A picture whose greys mean something else is brought there,
so that it is read as it is meant to look; one that departs too little to be seen stays as it is.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.imaging.bands import bands

Curve = Callable[[NDArray[np.float32]], NDArray[np.floating[Any]]]

_SEEN_DEPARTURE = 0.04
"""Of full brightness: a gamma of 2.2 in place of sRGB's own curve stays below it."""

_SCREEN_GAMMA, _GAMMAS = 2.2, (0.1, 4.0)
_RAMP = np.linspace(0, 1, 1025, dtype=np.float32)


def apply_tone(
    pixels: NDArray[np.float32], info: Mapping[Any, Any], is_grey: bool
) -> NDArray[np.float32]:
    """A picture's greys as a screen expects them.

    Args:
        pixels: In [0, 1].
        info: ``icc_profile``, ``srgb`` and ``gamma``, as Pillow names them.
        is_grey: Whether the picture is stored in greys: only then is a grey profile its own.
    """
    profile = info.get("icc_profile") or b""
    if curve := _icc_curve(profile) if is_grey else None:
        shown = _encoded(curve(_RAMP))
    elif not profile and "srgb" not in info and (curve := _gamma_curve(info.get("gamma"))):
        shown = np.clip(curve(_RAMP), 0, 1)
    else:
        return pixels
    if not np.isfinite(shown).all() or np.abs(shown - _RAMP).max() < _SEEN_DEPARTURE:
        return pixels
    toned = np.empty(pixels.shape, np.float32)
    for rows in bands(pixels.shape):
        toned[rows] = np.interp(pixels[rows], _RAMP, shown)
    return toned


def _gamma_curve(gamma: object) -> Curve | None:
    """By PNG's gAMA: samples are light to that power (https://www.w3.org/TR/png-3/#11gAMA)."""
    if not isinstance(gamma, float) or not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return None
    exponent = np.float32(1 / (gamma * _SCREEN_GAMMA))
    return lambda greys: greys**exponent


def _icc_curve(profile: bytes) -> Curve | None:
    """A grey profile's tone curve, from greys to light (ICC.1:2022, 8.4, 10.6 and 10.18)."""
    if profile[16:20] != b"GRAY" or len(profile) < 132:
        return None
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, min(132 + 12 * count, len(profile) - 11), 12):
        name, offset, size = struct.unpack_from(">4sII", profile, at)
        if name == b"kTRC":
            try:
                return _trc(profile[offset : offset + size])
            except (struct.error, ValueError):
                return None
    return None


def _trc(tag: bytes) -> Curve | None:
    """A tone curve, from greys to light."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count <= 1:
            gamma = struct.unpack_from(">H", tag, 12)[0] / 256 if count else 1.0
            return lambda greys: greys ** np.float32(gamma)
        entries = np.frombuffer(tag, ">u2", count, 12).astype(np.float32) / 65535
        return lambda greys: np.interp(greys, np.linspace(0, 1, count), entries)
    if tag[:4] != b"para":
        return None
    kind = struct.unpack_from(">H", tag, 8)[0]
    names = ("g", "gab", "gabc", "gabcd", "gabcdef")[kind] if kind <= 4 else ""
    found = struct.unpack_from(f">{len(names)}i", tag, 12)
    given = dict(zip(names, (each / 65536 for each in found), strict=True))
    return _parametric(kind, given) if names else None


def _parametric(kind: int, given: dict[str, float]) -> Curve:
    g, a, b = given["g"], given.get("a", 1.0), given.get("b", 0.0)
    c, d, e, f = (given.get(name, 0.0) for name in "cdef")
    if kind in (1, 2):  # the break is where the power's base is zero
        d = -b / a if a else 0.0
        e, f, c = (c, c, 0.0) if kind == 2 else (0.0, 0.0, 0.0)

    def light(greys: NDArray[np.float32]) -> NDArray[np.float32]:
        power = np.maximum(a * greys + b, 0.0) ** g + e
        return np.where(greys >= d, power, c * greys + f).astype(np.float32)

    return light


def _encoded(light: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Light as sRGB encodes it (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    bright = 1.055 * light ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, 12.92 * light, bright).astype(np.float32)
