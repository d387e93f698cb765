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
_USUAL, _STANDS_OUT = 0.75, 2.0
"""A film that is coded coarsely has small steps along most rows of blocks: more is needed there."""

_EACH_SHARE, _BAR_SHARE, _BAR_TOLD = 0.4, 0.9, 0.3
_SEEN_SHARE = 1 / 3
"""Share of a row's blocks that must tell anything: pure black and pure white tell nothing."""

_MANY_BLOCKS, _FEW_COLUMNS = 48, 2
"""In a row of so many blocks, so many pixel columns of each are enough."""


def has_block_step(
    pixels: NDArray[np.uint8], block_px: tuple[int, int], coarseness: float = 1.0
) -> bool:
    """Whether a film shows a step that a damaged JPEG leaves.

    Args:
        pixels: As decoded, before any turn: shape (height, width), 0 to 255.
        block_px: Height and width of what the JPEG codes at one go.
        coarseness: Greys by which a block's brightness is rounded.
    """
    high, wide = block_px
    rows, columns = pixels.shape[0] // high, pixels.shape[1] // wide
    if rows < 4 or columns < 4:
        return False
    blocks = pixels[:, : columns * wide].reshape(len(pixels), columns, wide)
    if columns > _MANY_BLOCKS:
        blocks = blocks[..., :: wide // _FEW_COLUMNS]
    edge = np.arange(high, rows * high, high)
    # Of each block the pixels beside an edge, (pixels, edges, columns).
    before, above, below, after = (
        np.ascontiguousarray(np.moveaxis(blocks[edge + offset], -1, 0)).astype(np.int16)
        for offset in range(-2, 2)
    )
    # How far each pixel below an edge departs from where those above and below are heading.
    jumps = (3 * (below - above) + before - after) * np.float32(0.5 / max(1.0, coarseness))
    flat = (before == above).all(axis=0) | (below == after).all(axis=0)
    hidden = (np.minimum(above, below) <= 1) | (np.maximum(above, below) >= 254)
    clipped = (above == below) & ((above == 0) | (above == 255))
    return _has_even_step(
        jumps.mean(axis=0), ~(flat | (hidden.mean(axis=0, dtype=np.float32) > 0.5))
    ) or _has_ragged_step(jumps, clipped.mean(axis=0, dtype=np.float32) <= 0.5)


def _has_even_step(steps: NDArray[np.float32], told: NDArray[np.bool_]) -> bool:
    """Whether a row's length of blocks jumps by one amount; both (edges, columns)."""
    columns = steps.shape[1]
    step, is_told = steps.ravel(), told.ravel()
    blocks = _running(is_told, columns)
    mean = np.abs(_running(np.where(is_told, step, 0.0), columns) / np.maximum(blocks, 1))
    mean[blocks < columns * _SEEN_SHARE] = 0.0
    usual = float(np.quantile(mean, _USUAL))
    for start in np.flatnonzero(mean > max(_LEAST_STEP, _STANDS_OUT * usual)):
        row = step[start : start + columns][is_told[start : start + columns]]
        row.sort()  # where numpy's own median would take most of a film's time
        median = float((row[(len(row) - 1) // 2] + row[len(row) // 2]) / 2)
        reach = max(_LEAST_STEP, _STEP_NOISE * abs(median))
        share = np.count_nonzero(np.abs(row - median) < reach) / len(row)
        if share < _EVEN_SHARE or abs(median) * share < _LEAST_SCORE:
            continue
        if _begins_within_a_row(
            np.abs(step - median) < reach, np.abs(step) > _LEAST_JUMP, is_told, int(start), columns
        ):
            return True
    return False


def _has_ragged_step(jumps: NDArray[np.float32], told: NDArray[np.bool_]) -> bool:
    """Whether a row's length of blocks jumps one way, clipped or not."""
    columns = jumps.shape[2]
    is_told = told.ravel()
    blocks = _running(is_told, columns)
    ways = [way.all(axis=0).ravel() for way in (jumps > _LEAST_JUMP, jumps < -_LEAST_JUMP)]
    any_way = np.logical_or(*ways)
    for steps in ways:
        share = _running(steps & is_told, columns) / np.maximum(blocks, 1)
        share[blocks < columns * _SEEN_SHARE] = 0.0
        least = max(_RAGGED_SHARE, _STANDS_OUT * float(np.quantile(share, _USUAL)))
        for start in np.flatnonzero(share >= least):
            if _begins_within_a_row(steps, any_way, is_told, int(start), columns):
                return True
    return False


def _begins_within_a_row(
    steps: NDArray[np.bool_],
    any_way: NDArray[np.bool_],
    told: NDArray[np.bool_],
    start: int,
    columns: int,
) -> bool:
    """Whether a step is no bar across the film, which begins and ends where a row of blocks does.

    Either neither of the two rows that it touches steps from end to end, or it plainly runs from
    its start to the row's end, and on below up to the start alone.

    Args:
        steps: Which blocks step as this step does.
        any_way: Which step at all.
        told: Which tell anything.
        start: The step's first block.
        columns: Blocks of a row.
    """
    row = start - start % columns
    end = row + columns
    if start == row:
        return False
    if not any(_is_bar(any_way[each : each + columns], told[each:]) for each in (row, end)):
        return True
    before, *parts = (
        float(steps[first:last][told[first:last]].mean()) if told[first:last].any() else -1.0
        for first, last in ((row, start), (start, end), (end, start + columns))
    )
    return 0 <= before < 0.5 and min(parts) >= _EACH_SHARE


def _is_bar(any_way: NDArray[np.bool_], told: NDArray[np.bool_]) -> bool:
    known = told[: len(any_way)]
    if known.sum() < len(any_way) * _BAR_TOLD:
        return False
    return bool(any_way[known].mean() >= _BAR_SHARE)


def _running(values: NDArray[np.generic], length: int) -> NDArray[np.float64]:
    """Sums of so many values in a row, from each place on."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    running: NDArray[np.float64] = sums[length:] - sums[:-length]
    return running
