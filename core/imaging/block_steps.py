"""Steps in brightness along the blocks of a JPEG, as damaged data leave them.

In a JPEG every block is coded as a difference from the block before. Where bytes were overwritten
the decoder often finds its way back without a complaint, but all that follows is then brighter or
darker by one amount, or shifted, down to the end of the film. Such a step runs along the upper
edges of just as many blocks as a row has, from where it begins to the place below it. Hardly any
sound film does that (see ``docs/films.md``, where it is measured).
"""

import numpy as np
from numpy.typing import NDArray

_LEAST_STEP, _STEP_NOISE, _EVEN_SHARE, _LEAST_SCORE = 3.0, 0.35, 0.6, 3.0
_LEAST_JUMP, _RAGGED_SHARE = 6.0, 0.5
_SEEN_SHARE = 1 / 3
"""Share of a row's blocks that must tell anything: pure black and pure white tell nothing."""

_MANY_BLOCKS, _FEW_COLUMNS = 48, 2
"""In a row of so many blocks, so many pixel columns of each are enough."""


def has_block_step(pixels: NDArray[np.uint8], block_px: tuple[int, int]) -> bool:
    """Whether a film shows a step that a damaged JPEG leaves.

    Args:
        pixels: As decoded, before any turn: shape (height, width), 0 to 255.
        block_px: Height and width of what the JPEG codes at one go.
    """
    high, wide = block_px
    rows, columns = pixels.shape[0] // high, pixels.shape[1] // wide
    if rows < 4 or columns < 4:
        return False
    blocks = pixels[:, : columns * wide].reshape(len(pixels), columns, wide)
    if columns > _MANY_BLOCKS:
        blocks = blocks[..., :: wide // _FEW_COLUMNS]
    edge = np.arange(high, rows * high, high)
    before, above, below, after = (
        blocks[edge + offset].astype(np.int16) for offset in range(-2, 2)
    )
    # How far each pixel below an edge departs from where those above and below are heading.
    jumps = (3 * (below - above) + before - after) * np.float32(0.5)  # (edges, columns, pixels)
    flat = (before == above).all(axis=2) | (below == after).all(axis=2)
    hidden = (np.minimum(above, below) <= 1) | (np.maximum(above, below) >= 254)
    clipped = (above == below) & ((above == 0) | (above == 255))
    return _has_even_step(
        jumps.mean(axis=2), ~(flat | (hidden.mean(axis=2) > 0.5))
    ) or _has_ragged_step(jumps, clipped.mean(axis=2) <= 0.5)


def _has_even_step(steps: NDArray[np.float32], told: NDArray[np.bool_]) -> bool:
    """Whether a row's length of blocks jumps by one amount; both (edges, columns)."""
    columns = steps.shape[1]
    step, is_told = steps.ravel(), told.ravel()
    blocks = _running(is_told, columns)
    mean = _running(np.where(is_told, step, 0.0), columns) / np.maximum(blocks, 1)
    for start in np.flatnonzero((np.abs(mean) > _LEAST_STEP) & (blocks >= columns * _SEEN_SHARE)):
        row = step[start : start + columns][is_told[start : start + columns]]
        median = float(np.median(row))
        near = np.abs(row - median) < max(_LEAST_STEP, _STEP_NOISE * abs(median))
        share = float(near.mean())
        if share >= _EVEN_SHARE and abs(median) * share >= _LEAST_SCORE:
            return True
    return False


def _has_ragged_step(jumps: NDArray[np.float32], told: NDArray[np.bool_]) -> bool:
    """Whether a row's length of blocks, begun within a row, jumps one way, clipped or not."""
    columns = jumps.shape[1]
    blocks = _running(told.ravel(), columns)
    for way in ((jumps > _LEAST_JUMP), (jumps < -_LEAST_JUMP)):
        share = _running((way.all(axis=2) & told).ravel(), columns) / np.maximum(blocks, 1)
        share[blocks < columns * _SEEN_SHARE] = 0.0
        share[::columns] = 0.0  # a frame round a film begins where a row does
        if (share >= _RAGGED_SHARE).any():
            return True
    return False


def _running(values: NDArray[np.generic], length: int) -> NDArray[np.float64]:
    """Sums of so many values in a row, from each place on."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    running: NDArray[np.float64] = sums[length:] - sums[:-length]
    return running
