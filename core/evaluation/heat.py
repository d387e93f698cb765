"""Where the heat lies: its share inside the lungs that a human outlined, over pneumonias.

The default heatmap of each film is held against the outline, where there is one. Nothing is clipped
at full heat: all positive heat counts.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from core.data.folder import Record, read_films, scan_split
from core.data.labels import Label
from core.data.outlines import original_proportions, outlined, read_outline
from core.evaluation.finished_runs import films_held_out
from core.inference.heatmap import Heatmap, share_inside
from core.inference.lungs import image_of
from core.inference.model import Diagnostician
from core.metrics.shares import mean_of
from core.results.evaluations import TEST, VALIDATION
from core.results.folder import write_table
from core.results.looks import log_unlabelled_look
from core.results.robustness import HeatFigures, HeatInside, write_heat


def measure_heat(model: Diagnostician, data: Path, results: Path) -> HeatFigures:
    """Measure the default heatmap on the test and validation pneumonias; write ``results/heat``.

    Args:
        model: The model.
        data: The data folder, with the outlines beside it.
        results: Folder of results; MODEL.json has the means, MODEL.csv a row a film.

    Raises:
        DataError: The data folder is not the run's, or there are no outlines beside it.
        RunMissing: The model's run is not there.
    """
    card = model.card
    sets = {
        TEST: scan_split(data, "test", TEST),
        VALIDATION: films_held_out(card.runs, data, results),
    }
    tables = {name: heat_of(model, data, _pneumonias(data, films)) for name, films in sets.items()}
    found = HeatFigures(
        model.method.name, {name: figures_of(table) for name, table in tables.items()}
    )
    folder = results / "heat"
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / f"{card.name}.csv", pd.concat(tables.values(), ignore_index=True))
    write_heat(card, found, results)
    why = "where the heat lies on pneumonias; labels only choose the films"
    log_unlabelled_look(card.name, card.version, card.sha256, why, len(tables[TEST]), results)
    return found


def _pneumonias(data: Path, records: Sequence[Record]) -> tuple[Record, ...]:
    """The pneumonias that a human outlined the lungs of."""
    return outlined(data, [record for record in records if record.label == Label.PNEUMONIA])


def heat_of(model: Diagnostician, data: Path, records: Sequence[Record]) -> pd.DataFrame:
    """Where the heat of each film lies.

    Args:
        model: The model.
        data: The data folder, with the outlines beside it.
        records: Films that all have an outline.

    Returns:
        A row a film: ``image``, ``patient``, ``split``, ``share`` of the positive heat inside the
        outline, and ``hottest``, 1 where the hottest point lies inside; both empty without heat.
    """
    rows = []
    bar = tqdm(records, "Heat", unit="film", disable=not sys.stderr.isatty())
    for record, heatmap in zip(bar, _heatmaps(model, data, records), strict=True):
        outline = read_outline(data, record.image)
        if outline is None:
            raise ValueError(f"there is no outline of {record.image}")
        share, hottest = inside(heatmap, outline)
        rows.append((record.image, record.patient, record.split, share, hottest))
    return pd.DataFrame(rows, columns=["image", "patient", "split", "share", "hottest"])


def _heatmaps(model: Diagnostician, data: Path, records: Sequence[Record]) -> Iterator[Heatmap]:
    images = (image_of(film) for film in read_films(data, records))
    proportions = original_proportions(data, records).tolist()
    for located in model.segmenter.each(images, proportions):
        yield model.explain(located, model.method, model.scale)


def inside(heatmap: Heatmap, outline: NDArray[np.bool_]) -> tuple[float, float]:
    """The share of a heatmap's positive heat inside an outline, and whether its hottest point is.

    Args:
        heatmap: Of a film.
        outline: (H, W), true is lung: of the same film, at any size.

    Returns:
        0 to 1, and 0 or 1; NaN where there is no heat.
    """
    most = float(heatmap.evidence.max())
    if most <= 0:
        return np.nan, np.nan
    unclipped = replace(heatmap, full_heat=most)
    heat = unclipped.over(*outline.shape)
    if not heat.any():
        return np.nan, np.nan
    return share_inside(unclipped, outline), float(outline.flat[int(heat.argmax())])


def figures_of(table: pd.DataFrame) -> HeatInside:
    """Means over the films that have heat, with intervals bootstrapped by patient.

    Args:
        table: As ``heat_of`` gives it.
    """
    warm = table.dropna()
    films, cold = len(table), len(table) - len(warm)
    if warm.empty:
        return HeatInside(films, cold, share=None, hottest=None)
    return HeatInside(
        films,
        cold,
        share=mean_of(warm["share"].to_numpy(), warm["patient"]),
        hottest=mean_of(warm["hottest"].to_numpy() > 0, warm["patient"]),
    )
