"""What a study still has to train, in which order, and how long that takes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from core.data.folder import DEFAULT_SPLIT
from core.evaluation.finished_runs import LATER_SETTINGS
from core.results.packs import study_summaries
from core.training.classifier.config import TrainConfig
from core.training.experiments.study import Study, Variant


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One variant with one seed.

    Args:
        study: The study's name.
        variant: The variant's name.
        config: Every setting, the seed too.
    """

    study: str
    variant: str
    config: TrainConfig

    @property
    def name(self) -> str:
        """The run's name: its folder below results/runs."""
        return f"{self.study}/{self.variant}@{self.config.seed}"


def planned_runs(
    study: Study, variants: Collection[str] = (), seeds: Collection[int] = ()
) -> tuple[PlannedRun, ...]:
    """The runs of a study: every variant's first seed, then every variant's second, and so on.

    So a study that is cut short is a whole one with fewer seeds.

    Args:
        study: The study.
        variants: Names of the variants wanted; all if empty.
        seeds: Seeds wanted; all if empty.
    """
    wanted = [each for each in study.variants if not variants or each.name in variants]
    rounds = max((len(variant.seeds) for variant in wanted), default=0)
    return tuple(
        PlannedRun(
            study.name,
            variant.name,
            _config(study, variant, variant.seeds[place]),
        )
        for place in range(rounds)
        for variant in wanted
        if place < len(variant.seeds) and (not seeds or variant.seeds[place] in seeds)
    )


def _config(study: Study, variant: Variant, seed: int) -> TrainConfig:
    settings = {**study.settings, **variant.settings, "seed": seed}
    if study.fold_by_seed:
        settings["fold"] = seed % settings.get("folds", DEFAULT_SPLIT[0])
    return TrainConfig(**settings)


def key_of(config: Mapping[str, Any]) -> str:
    """One string for a run's settings; settings that came later stand at what was done before."""
    return json.dumps({**LATER_SETTINGS, **config}, sort_keys=True)


def finished_runs(results: Path) -> dict[str, Mapping[str, Any]]:
    """run.json of every finished run of a study, by ``key_of`` its settings.

    Its ``name`` is the run's whole name, with the study's.
    """
    return {
        key_of(summary["config"]): {**summary, "name": name}
        for name, summary in study_summaries(results).items()
    }


def summary_of(
    run: PlannedRun, finished: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """run.json of the finished run that has these settings, whichever study trained it."""
    return finished.get(key_of(asdict(run.config)))


def left_of(
    runs: Sequence[PlannedRun], finished: Mapping[str, Mapping[str, Any]]
) -> tuple[PlannedRun, ...]:
    """The runs that are not finished, in their order and each once."""
    left: dict[str, PlannedRun] = {}
    for run in runs:
        left.setdefault(key_of(asdict(run.config)), run)
    return tuple(run for key, run in left.items() if key not in finished)


def command_of(name: str, config: Mapping[str, Any]) -> list[str]:
    """The arguments of ``python -m core train`` that train a run, without settings at default.

    Args:
        name: The run's name.
        config: Its settings, by name.

    Examples:
        >>> command_of("mixup/p0@1", {"mixup_prob": 0.0, "seed": 1})
        ['mixup/p0@1', '--mixup-prob', '0.0', '--seed', '1']
    """
    arguments = [name]
    for setting in fields(TrainConfig):
        value = config.get(setting.name, setting.default)
        if value != setting.default:
            arguments += ["--" + setting.name.replace("_", "-"), str(value)]
    return arguments
