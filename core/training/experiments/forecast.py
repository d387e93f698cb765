"""How long the runs of a study will take, from those that are finished or from a few steps."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from core.data.augmentation import Augmentation
from core.data.draw import Draw
from core.evaluation.finished_runs import built
from core.imaging.framing import whole
from core.imaging.preprocess import FILM_SIZE_PX
from core.models.hardware import is_bf16_fast
from core.training.classifier.config import TrainConfig
from core.training.depthwise import FastDepthwiseGradients
from core.training.experiments.plan import PlannedRun

Finished = Mapping[str, Mapping[str, Any]]
_STEPS = 3


def seconds_of(run: PlannedRun, finished: Finished) -> float | None:
    """The median time of the finished runs of the same network and size; None before the first.

    Args:
        run: The run.
        finished: As ``core.training.experiments.plan.finished_runs`` gives them.
    """
    wanted = _network(asdict(run.config))
    times = [
        float(summary["training_seconds"])
        for summary in finished.values()
        if _network(summary["config"]) == wanted
    ]
    return median(times) if times else None


def seconds_left(runs: Sequence[PlannedRun], finished: Finished) -> float | None:
    """How long runs will take one after another; one of an unknown network counts as the median.

    None before any run is finished.
    """
    if not finished:
        return None
    usual = float(median(each["training_seconds"] for each in finished.values()))
    return sum(seconds_of(run, finished) or usual for run in runs)


def _network(config: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("architecture", "size_px", "epochs", "pooling", "map_stride_px")
    return tuple(config.get(name) for name in names)


def steps_speed(config: TrainConfig) -> float:
    """Films a second of a few training steps, their augmentation included, on the CPU.

    Args:
        config: A run's settings.
    """
    network = built(asdict(config) | {"init": "none"})
    network.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate)
    augment = Augmentation(config.augmentation, config.size_px, config.least_crop, config.most_crop)
    films = torch.rand(config.batch_size, 1, FILM_SIZE_PX, FILM_SIZE_PX)
    boxes, targets = whole(config.batch_size), torch.rand(config.batch_size)

    def step() -> None:
        images, lungs = augment(films, films, boxes, Draw(config.seed, torch.device("cpu")))
        with torch.autocast("cpu", enabled=is_bf16_fast()), FastDepthwiseGradients():
            logits = network(images.contiguous(memory_format=torch.channels_last), lungs)
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(logits.float(), targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return config.batch_size / _seconds_a_call(step)


def _seconds_a_call(call: Callable[[], None]) -> float:
    """The quickest of a few calls after a first one, which a busy machine disturbs least."""
    times = []
    for _ in range(_STEPS + 1):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times[1:])


def forecast(
    studies: Mapping[str, Sequence[PlannedRun]], finished: Finished, films: int
) -> Iterator[tuple[str, int, float]]:
    """The seconds that the runs of each study will take, one at a time.

    A network that no finished run has is timed for a few steps.

    Args:
        studies: The runs left of each study, by its name.
        finished: As ``core.training.experiments.plan.finished_runs`` gives them.
        films: Training films of an epoch.

    Yields:
        The study, how many films its runs see, and the seconds.
    """
    timed: dict[tuple[Any, ...], float] = {}
    for name, runs in studies.items():
        seconds = 0.0
        for run in runs:
            known = seconds_of(run, finished)
            key = _network(asdict(run.config))
            if known is None and key not in timed:
                timed[key] = films * run.config.epochs / steps_speed(run.config)
            seconds += timed[key] if known is None else known
        yield name, films * sum(run.config.epochs for run in runs), seconds
