"""MODEL_CARD.md: the facts as tables, the prose around them, and the two checklists."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.inference.explanation_methods import METHODS
from core.models.weights import GRAD_CAM
from core.reporting.markdown import NOTHING, figure, table
from core.reporting.model_card.checklist import checklist_table, read_checklist
from core.reporting.model_card.words import (
    NOT_MEASURED,
    Facts,
    masking_words,
    metric_name,
    seed_words,
    start_words,
    subgroup_words,
    values_of,
)
from core.results.lungs import POOR

RESULT_FIGURES = ("accuracy", "sensitivity", "specificity", "ppv", "npv", "auroc", "ece")
MADE = "<!-- Made by python -m core card from results/ and weights/; do not edit. -->"


def page(facts: Facts) -> str:
    """The whole card.

    Args:
        facts: As ``core.reporting.model_card.facts.gather`` gives them.
    """
    values = values_of(facts)
    models: Sequence[Facts] = facts["models"]
    prose = _prose(values)
    sections = {
        "In short": prose["short"],
        "Intended use": prose["use"],
        "Models": f"{_models(models)}\n\n{prose['operating']}",
        "Data": f"{prose['data']}\n\n{_counts(facts['data'])}",
        "Training": _runs(facts["runs"]),
        "How they were chosen": f"{prose['choosing']}\n\n{_choices(facts['selection'])}".strip(),
        "Results": f"{_results(models)}\n\n{facts['field']}",
        "Review": _review(models),
        "Subgroups of the test films": _each(models, _test_subgroups),
        "Seeds, on the test films": _each(models, _test_seeds),
        "Adults": prose["adults"],
        "Heatmaps": f"{prose['heatmaps']}\n\n{_methods(models)}\n\n{_each(models, _masking)}",
        "Input gate": prose["gate"],
        "Lungs segmenter": f"{prose['lungs']}\n\n{_lungs(facts['lungs'])}",
        "Known limits": prose["limits"],
        "Ethics": prose["ethics"],
        "Compute": prose["compute"],
        "Licences": prose["licences"],
        "CLAIM 2024": f"{prose['claim']} {checklist_table(read_checklist('claim', values))}",
        "STARD-AI": f"{prose['stard']} {checklist_table(read_checklist('stard', values))}",
    }
    body = "\n\n".join(f"## {title}\n\n{words}" for title, words in sections.items())
    return f"# Model card\n\n{MADE}\n\n{body}\n"


def _prose(values: Mapping[str, str]) -> dict[str, str]:
    file = Path(__file__).parent / "prose.toml"
    templates = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: words.strip().format_map(values) for name, words in templates.items()}


def _models(models: Sequence[Facts]) -> str:
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
        for model in models
    ]
    return table(heads, rows) if rows else "No model ships."


def _methods(models: Sequence[Facts]) -> str:
    """A row a method of explanation: what it is, and what is full heat for each model."""
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
    return table(heads, rows)


def _full_heat(method: str, model: Facts) -> str:
    if method == model.get("heat_method", GRAD_CAM):
        return f"{model['cam_scale']:.3g} (all)"
    scale = model["scales"].get(method)
    return f"{scale['full_heat']:.3g} ({scale['films']})" if scale else NOT_MEASURED


def _counts(data: Facts | None) -> str:
    if data is None:
        return NOT_MEASURED
    heads = ["Official split", "Class", "Films", "Patients", "Bacterial", "Viral"]
    return table(heads, [[str(cell) for cell in row.values()] for row in data["counts"]])


def _lungs(found: Facts | None) -> str:
    """A row a split and class: how well the outlines agree with human ones."""
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


def _runs(runs: Mapping[str, Facts]) -> str:
    heads = ["Run", "Start", "Teacher", "Input", "Epochs (kept)", "Batch", "Rate", "Augmentation"]
    heads += ["Mixup", "Balance", "EMA", "Seed", "Precision", "Minutes"]
    rows = [[name, *_run(run)] for name, run in runs.items()]
    return table(heads, rows) if rows else NOT_MEASURED


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
    yield str(config["seed"])
    yield run["precision"]
    yield f"{run['training_seconds'] / 60:.0f}"


def _choices(records: Mapping[str, Facts]) -> str:
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
        for name, record in records.items()
        for candidate in record["candidates"]
    ]
    heads = ["Record", "Date", "Question", "Candidate", "Worst AUROC", "Plain AUROC", ""]
    return table(heads, rows) if rows else ""


def _results(models: Sequence[Facts]) -> str:
    heads = ["Model", "Films", "TN, FP, FN, TP", *(_head(metric) for metric in RESULT_FIGURES)]
    rows = [
        [
            model["name"],
            f"{name}: {summary['n']} of {summary['patients']} patients",
            ", ".join(str(count) for count in summary["confusion"].values()),
            *(figure(summary[metric]) for metric in RESULT_FIGURES),
        ]
        for model in models
        for name, summary in model["evaluations"].items()
    ]
    return table(heads, rows) if rows else NOT_MEASURED


def _review(models: Sequence[Facts]) -> str:
    rows = [
        [
            model["name"],
            name,
            f"{summary['review']['share']:.1%} ({summary['review']['n']} of {summary['n']})",
            *(
                figure((summary["review"]["rest"] or {}).get(metric))
                for metric in ("accuracy", "sensitivity", "specificity")
            ),
        ]
        for model in models
        for name, summary in model["evaluations"].items()
        if "review" in summary
    ]
    heads = ["Model", "Films", "Under review", "Rest: accuracy", "Sensitivity", "Specificity"]
    return table(heads, rows) if rows else NOT_MEASURED


def _head(metric: str) -> str:
    name = metric_name(metric)
    return name[0].upper() + name[1:]


def _each(models: Sequence[Facts], say: Any) -> str:
    return "\n".join(f"- {model['name']}: {say(model)}." for model in models) or NOT_MEASURED


def _test_subgroups(model: Facts) -> str:
    return subgroup_words(model["evaluations"].get("test", {}))


def _test_seeds(model: Facts) -> str:
    return seed_words(model["seeds"].get("test"))


def _masking(model: Facts) -> str:
    return masking_words(model["masking"])
