"""The films of a run: the training pool with its folds, synthetic films, and test films to read."""

from dataclasses import replace
from pathlib import Path

from core.data.films import Films, joined
from core.data.folder import hold_out
from core.imaging.framings import WHOLE
from core.inference.films import films_with_lungs, load_films
from core.results.evaluations import TEST
from core.training.classifier.config import TrainConfig
from core.training.classifier.synthetic_films import synthetic_films, synthetic_folder


def films_of_run(data: Path, config: TrainConfig, results: Path, test_films: bool = False) -> Films:
    """The films that a run's settings ask for, as ``train`` takes them.

    Args:
        data: The data folder.
        config: The run's settings.
        results: Folder of results, below which films with their lungs are kept.
        test_films: Whether the finished network reads the test films, where there are any.

    Raises:
        DataError: The folder cannot be trained on.
        WeightsError: The lungs segmenter is missing or damaged.
        SyntheticMissing: Fewer synthetic films have been drawn than the settings add.
        HeldOutDiffers: The generator has seen films that the run is validated on.
    """
    splits = ("train", TEST) if test_films and (data / TEST).is_dir() else ("train",)
    whole = config.framing in WHOLE
    films = load_films(data, results, splits, whole=whole)
    if config.synthetic == "none":
        return films
    added = synthetic_films(with_fold_held_out(films, config).records, config, results)
    if not added:
        return films
    return joined(films, films_with_lungs(synthetic_folder(results), added, results, whole=whole))


def with_fold_held_out(films: Films, config: TrainConfig) -> Films:
    """Films whose training pool is split into ``train`` and ``validation``.

    Raises:
        DataError: It cannot be split so.
    """
    pool = [place for place, record in enumerate(films.records) if record.split == "train"]
    marked = hold_out(
        [films.records[place] for place in pool], config.folds, config.fold, config.split_seed
    )
    records = list(films.records)
    for place, record in zip(pool, marked, strict=True):
        records[place] = record
    return replace(films, records=tuple(records))
