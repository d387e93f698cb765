"""Each fact of the card in words, for the templates of its prose and of its checklists."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.data.conditions import CONDITIONS
from core.imaging.framing import MARGIN
from core.imaging.framings import FILM
from core.imaging.preprocess import BRIGHT_PERCENTILE, DARK_PERCENTILE, FILM_SIZE_PX
from core.inference.explanation_methods import METHODS
from core.metrics.classification import BOOTSTRAP_SAMPLES, CALIBRATION_BINS, COUNTS
from core.models.network import MEAN
from core.reporting.markdown import NOT_MEASURED, NOTHING, figure
from core.reporting.model_card.facts import WEIGHTS_NAME, default_run
from core.reporting.model_card.robustness import (
    frames_words,
    heat_words,
    population_words,
)

TEST, VALIDATION, ADULTS = "test", "validation", "nih_adult"
SEED_FIGURES = ("accuracy", "auroc", "sensitivity", "specificity", "ece")
WHOLE_WORDS = ("accuracy", "sensitivity", "specificity")
Facts = Mapping[str, Any]


def values_of(facts: Facts) -> dict[str, str]:
    """Words by the name that a template calls them; ``NOT_MEASURED`` where there is no result.

    Unless it says otherwise, a value is of the default model.
    """
    models: Sequence[Facts] = facts["models"]
    first: Facts = models[0] if models else {}
    return {
        "models": _listed(f"{_named(model)} ({model['title']})" for model in models),
        "default": _named(first) if first else NOT_MEASURED,
        "threshold": _said(first, "threshold"),
        "temperature": _said(first, "temperature"),
        "conditions": str(len(CONDITIONS)),
        "review_low": _said(first, "review_low"),
        "review_high": _said(first, "review_high"),
        "framing": _framing(first),
        "pooling": _pooling(first),
        "ensembles": _ensembles(models),
        "licences": _listed(sorted({model["licence"] for model in models if model["licence"]})),
        **_results_words(first),
        **_data_words(facts["data"]),
        **_training_words(facts),
        "selection": _selection(facts["selection"], models),
        "stress": _stress(facts["selection"], first),
        "masking": masking_words(first.get("masking")),
        "frames": frames_words(first.get("frames")),
        "heat": heat_words(first.get("heat")),
        "population": population_words(facts["population"]),
        "gate": gate_words(facts["gate"]),
        "lungs": lungs_words(facts["lungs"]),
        "looks": _looks(facts["looks"]),
        "bootstrap": f"{BOOTSTRAP_SAMPLES:,}",
        "bins": str(CALIBRATION_BINS),
        "film_px": str(FILM_SIZE_PX),
        "dark": str(DARK_PERCENTILE),
        "bright": str(BRIGHT_PERCENTILE),
    }


def masking_words(masking: Facts | None) -> str:
    """What covering the hottest places of the heatmaps does."""
    if masking is None:
        return NOT_MEASURED
    shares = [
        f"{share:.1%} ({METHODS[method].title})" for method, share in masking["lowered"].items()
    ]
    return (
        f"covering the hottest {masking['hot_share']:.0%} of the map lowers the logit more than "
        f"{masking['random_masks']} random masks of its shape over as much lung do on average, of "
        f"{masking['films']} held-out true positives, in {', '.join(shares)}"
    )


def gate_words(gate: Facts | None) -> str:
    """What the input gate stops, and what it should not have."""
    if gate is None:
        return NOT_MEASURED
    films = gate["held_out_films"]["conditions"]["plain"]
    others = gate["non_films_total"]
    words = (
        f"{films['doubtful'] + films['refused']} of {films['n']} held-out films are doubted or "
        f"refused; of {others['n']} pictures that are no films {others['refused']} are refused, "
        f"{others['doubtful']} doubted and {others['let_in']} let in"
    )
    elsewhere = [
        f"{counts['doubtful'] + counts['refused']} of {counts['n']} films of {name} are doubted or "
        "refused"
        for name, counts in gate["elsewhere"].items()
    ]
    return "; ".join([words, *elsewhere])


def lungs_words(lungs: Facts | None) -> str:
    """How well the lungs segmenter agrees with human outlines, in each split and class."""
    if lungs is None:
        return NOT_MEASURED
    return "; ".join(
        f"{each['split']} {each['label']}: mean Dice coefficient {each['mean']:.3f} with human "
        f"outlines of {each['n']:,} films"
        for each in lungs["figures"]
    )


def subgroup_words(summary: Facts) -> str:
    """Sensitivity in each group of pneumonias, and the AUROC against all normal films."""
    groups = summary.get("subgroups")
    if not groups:
        return NOT_MEASURED
    return "; ".join(
        f"{name.replace('_', ' ')}: sensitivity {figure(group['sensitivity'])}, "
        f"AUROC {figure(group['auroc'])}"
        for name, group in groups.items()
    )


def seed_words(seeds: Facts | None) -> str:
    """Mean, least and greatest figures over seeds."""
    if seeds is None:
        return NOT_MEASURED
    figures = ", ".join(f"{metric_name(name)} {figure(seeds[name])}" for name in SEED_FIGURES)
    return f"mean of {seeds['n']} seeds, with the lowest and the highest: {figures}"


def metric_name(metric: str) -> str:
    """A metric as it stands in a sentence: abbreviations in capitals."""
    return metric if metric in WHOLE_WORDS else metric.upper()


def _results_words(model: Facts) -> dict[str, str]:
    sets: Facts = model.get("evaluations", {})
    words: dict[str, str] = {}
    for name in (TEST, VALIDATION, ADULTS):
        summary: Facts = sets.get(name, {})
        words |= {
            f"{name}_{metric}": figure(summary[metric]) if summary else NOT_MEASURED
            for metric in ("accuracy", "sensitivity", "specificity", "auroc", "ece")
        }
        words |= {f"{name}_{key}": _said(summary, key) for key in ("n", "patients")}
        words[f"{name}_review"] = _review(summary)
    test: Facts = sets.get(TEST, {})
    counts = test.get("confusion", {})
    return words | {
        "confusion": ", ".join(f"{key.upper()} {counts[key]}" for key in COUNTS)
        if counts
        else NOT_MEASURED,
        "prevalence": _share(test, "tp", "fn") if test else NOT_MEASURED,
        "subgroups": subgroup_words(test),
        "seeds": seed_words(model.get("seeds", {}).get(TEST)),
    }


def _data_words(data: Facts | None) -> dict[str, str]:
    if data is None:
        names = ("films", "patients", "identical", "shared_names", "shared_films", "sizes")
        return dict.fromkeys(names, NOT_MEASURED)
    shared, identical = data["patient_names_in_training_and_test"], data["identical"]
    sizes = (f"{size['width_px']} x {size['height_px']}" for size in data["image_sizes"])
    return {
        "films": f"{data['films']:,}",
        "patients": f"{data['patients']:,}",
        "identical": f"{identical['groups']} groups of {identical['films']} films",
        "shared_names": str(shared["names"]),
        "shared_films": str(shared["test_films"]),
        "sizes": _listed(sizes),
    }


def _training_words(facts: Facts) -> dict[str, str]:
    run, compute = default_run(facts), facts["compute"]
    names = ("train_films", "train_patients", "held_films", "held_patients", "folds", "versions")
    words = dict.fromkeys(names, NOT_MEASURED)
    if run is not None:
        splits = run["data"]["splits"]
        for prefix, split in (("train", splits["train"]), ("held", splits["validation"])):
            words[f"{prefix}_films"] = f"{split['NORMAL'] + split['PNEUMONIA']:,}"
            words[f"{prefix}_patients"] = f"{split['patients']:,}"
        words["folds"] = str(run["config"]["folds"])
        words["versions"] = _listed(f"{key} {value}" for key, value in run["versions"].items())
    starts = sorted({start_words(each["config"]["init"]) for each in facts["runs"].values()})
    hours = compute["training_seconds"] / 3600
    return words | {
        "starts": _listed(starts),
        "compute": f"{compute['runs']} runs, {compute['epochs']} epochs, {hours:.1f} hours in all",
    }


def start_words(init: str) -> str:
    """What a run started from."""
    known = {"none": "random weights", "imagenet": "ImageNet weights"}
    if Path(init).name == WEIGHTS_NAME:
        return known.get(init, "the weights of an earlier run")
    return known.get(init, f"weights of a laboratory network ({Path(init).stem})")


def _selection(records: Facts, models: Sequence[Facts]) -> str:
    if not records:
        return NOT_MEASURED
    behind = _listed(
        f"{_named(model)}: {' and '.join(model['choices'])}" for model in models if model["choices"]
    )
    return f"{_counted(len(records), 'record')} in results/selection ({behind})"


def _looks(looks: Facts) -> str:
    times = "once" if looks["looks"] == 1 else f"{looks['looks']} times"
    return f"{times} ({_counted(looks['weights'], 'set')} of weights)"


def _stress(records: Facts, model: Facts) -> str:
    """The worst condition of the default model's runs, as the record of their choice has it."""
    for name in model.get("choices", []):
        for candidate in records[name]["candidates"]:
            if sorted(candidate["runs"]) == sorted(model["run"].split("+")):
                return (
                    f"worst of {len(candidate['auroc'])} conditions {candidate['worst_condition']} "
                    f"with AUROC {candidate['worst_auroc']:.3f}, plain "
                    f"{candidate['auroc']['plain']:.3f}"
                )
    return NOT_MEASURED


def _framing(model: Facts) -> str:
    """What of a film a model reads."""
    if model.get("framing", FILM) == FILM:
        return "The network reads the whole film"
    return (
        f"A segmenter finds the lungs. The network reads the box round them, {MARGIN} times as "
        "wide and high as the lungs, stretched once more (`core/imaging/framing.py`); without "
        "lungs there is no verdict"
    )


def _pooling(model: Facts) -> str:
    """What a model's last map becomes a logit by."""
    if model.get("pooling", MEAN) == MEAN:
        return "The last feature map is averaged over all places before a linear layer"
    return (
        "A linear layer turns the last feature map into evidence at each place, which is averaged "
        "over the lungs (`core/models/lungs_pooling.py`); what lies outside them adds nothing"
    )


def _ensembles(models: Sequence[Facts]) -> str:
    joined = [model for model in models if model["members"]]
    if not joined:
        return "No ensemble ships."
    listed = _listed(f"{_named(model)} of {' and '.join(model['members'])}" for model in joined)
    return f"Logits are averaged, and calibrated after: {listed}."


def _review(summary: Facts) -> str:
    review = summary.get("review")
    if not review:
        return NOT_MEASURED
    rest = figure(review["rest"]["accuracy"]) if review["rest"] else NOTHING
    count = f"{review['n']} of {summary['n']}"
    return f"{review['share']:.1%} under review ({count}), accuracy on the rest {rest}"


def _share(summary: Facts, *cells: str) -> str:
    return f"{sum(summary['confusion'][cell] for cell in cells) / summary['n']:.1%}"


def _named(model: Facts) -> str:
    return f"{model['name']} {model['version']}"


def _said(found: Facts, key: str) -> str:
    return str(found[key]) if key in found else NOT_MEASURED


def _listed(words: Any) -> str:
    return ", ".join(words) or NOTHING


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
