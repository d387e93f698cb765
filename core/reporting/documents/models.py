"""The shipped models as tables: what they are, how they were trained and chosen, how they fare.

All are made from the facts of ``core.reporting.model_card.facts.gather``; English alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from core.data.augmentation import is_policy
from core.inference.explanation_methods import METHODS
from core.models.weights import GRAD_CAM
from core.reporting.markdown import NOT_MEASURED, NOTHING, table
from core.reporting.model_card.words import (
    Facts,
    gate_words,
    masking_words,
    seed_words,
    start_words,
    subgroup_words,
)
from core.results.lungs import POOR
from core.training.classifier.config import TrainConfig
from core.training.experiments.plan import command_of

TEST = "test"


def models_table(facts: Facts) -> str:
    """What ships: a row a model."""
    heads = ["Model", "What", "Input", "Parameters", "File", "Operating point", "Temperature"]
    heads += ["Review", "Runs", "sha256"]
    rows = [
        [
            f"{model['name']} {model['version']}",
            model["title"],
            f"{model['size_px']} px",
            f"{model['parameters']:,}",
            f"{model['file_bytes'] / 1e6:.1f} MB" if model["file_bytes"] else NOTHING,
            str(model["threshold"]),
            str(model["temperature"]),
            f"{model['review_low']} to {model['review_high']} (alpha {model['review_alpha']})",
            model["run"].replace("+", " + "),
            model["sha256"][:12],
        ]
        for model in facts["models"]
    ]
    return table(heads, rows) if rows else "No model ships."


def subgroups(facts: Facts) -> str:
    """Groups of the test pneumonias, a line a model."""
    return _lines(facts["models"], lambda model: subgroup_words(model["evaluations"].get(TEST, {})))


def seeds(facts: Facts) -> str:
    """Mean, lowest and highest over seeds on the test films, a line a model."""
    return _lines(facts["models"], lambda model: seed_words(model["seeds"].get(TEST)))


def heatmaps(facts: Facts) -> str:
    """A row a method of explanation, and a line a model on masking."""
    models: Sequence[Facts] = facts["models"]
    heads = ["Method", "Unit", "Gradient", "Masked passes", "Paper"]
    heads += [f"Full heat, {model['name']} (films)" for model in models]
    rows = [
        [
            method.title,
            method.unit.value,
            "yes" if method.needs_gradient else "no",
            str(method.masked_passes or NOTHING),
            method.paper,
            *(_full_heat(method.name, model) for model in models),
        ]
        for method in METHODS.values()
    ]
    masked = _lines(models, lambda model: masking_words(model["masking"]))
    return f"{table(heads, rows)}\n\n{masked}"


def gate(facts: Facts) -> str:
    """What the input gate stops, in a sentence."""
    words = gate_words(facts["gate"])
    return f"{words[0].upper()}{words[1:]}."


def lungs(facts: Facts) -> str:
    """How well the outlines of the lungs agree with human ones: a row a split and class."""
    found = facts["lungs"]
    if found is None:
        return NOT_MEASURED
    heads = ["Split", "Class", "Films", "Mean Dice", "Median", "Lowest", f"Under {POOR}"]
    rows = [
        [
            each["split"],
            each["label"],
            f"{each['n']:,}",
            *(f"{each[name]:.3f}" for name in ("mean", "median", "least")),
            str(each["poor"]),
        ]
        for each in found["figures"]
    ]
    said = f"Version {found['version']}, weights `{found['weights_sha256'][:12]}`, {found['date']}."
    return f"{said}\n\n{table(heads, rows)}"


def records_table(facts: Facts) -> str:
    """The committed choices: a row a candidate of each record."""
    rows = [
        [
            name,
            record["date"],
            record["why"],
            " + ".join(candidate["runs"]),
            f"{candidate['worst_auroc']:.3f} ({candidate['worst_condition']})",
            f"{candidate['auroc']['plain']:.3f}",
            "chosen" if candidate["runs"] == record["chosen"] else "",
        ]
        for name, record in facts["selection"].items()
        for candidate in record["candidates"]
    ]
    heads = ["Record", "Date", "Question", "Candidate", "Worst AUROC", "Plain AUROC", ""]
    return table(heads, rows) if rows else NOT_MEASURED


def runs_table(facts: Facts) -> str:
    """The runs behind what ships, with those that they started from or were distilled from."""
    heads = ["Run", "Start", "Teacher", "Input", "Epochs (kept)", "Batch", "Rate", "Augmentation"]
    heads += ["Mixup", "Balance", "EMA", "Layers", "Seed", "Precision", "Minutes"]
    rows = [[name, *_run(run)] for name, run in facts["runs"].items()]
    return table(heads, rows) if rows else NOT_MEASURED


def training_commands(facts: Facts) -> str:
    """The command of each of these runs, as a block of code.

    A run with a setting or a policy of augmentation that ``core.training`` no longer has is named
    with a remark in place of a command.
    """
    lines = [_command(name, run["config"]) for name, run in facts["runs"].items()]
    return "\n".join(["```", *lines, "```"]) if lines else NOT_MEASURED


def _command(name: str, config: Mapping[str, Any]) -> str:
    unknown = set(config) - {setting.name for setting in fields(TrainConfig)}
    if unknown or not is_policy(config["augmentation"]):
        return f"# {name}: trained by an earlier version of the code, see its run.json"
    return " ".join(["python -m core train", *command_of(name, config)])


def _run(run: Facts) -> Iterator[str]:
    config = run["config"]
    yield start_words(config["init"])
    yield config.get("teacher", "none").replace("+", " + ")
    yield f"{config['size_px']} px"
    yield f"{run['epochs_run']} ({run['best_epoch']})"
    yield str(config["batch_size"])
    yield str(config["learning_rate"])
    yield config["augmentation"]
    yield f"{config['mixup_prob']} of batches"
    yield config["balance"]
    yield str(config["ema_decay"])
    yield f"last {layers}" if (layers := config.get("trained_layers", 0)) else "all"
    yield str(config["seed"])
    yield run["precision"]
    yield f"{run['training_seconds'] / 60:.0f}"


def _full_heat(method: str, model: Facts) -> str:
    if method == model.get("heat_method", GRAD_CAM):
        return f"{model['cam_scale']:.3g} (all)"
    scale = model["scales"].get(method)
    return f"{scale['full_heat']:.3g} ({scale['films']})" if scale else NOT_MEASURED


def _lines(models: Sequence[Facts], say: Callable[[Facts], str]) -> str:
    return "\n".join(f"- {model['name']}: {say(model)}." for model in models) or NOT_MEASURED
