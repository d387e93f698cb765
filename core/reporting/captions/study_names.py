"""The names and the values of a study as people read them."""

from functools import partial

from core.messages.catalogue import text
from core.models import REGISTRY
from core.reporting.numbers import PERCENTAGES, percent, signed
from core.results.study_table import FRAMES_LOSS, FRAMES_UNCHANGED
from core.training.classifier.config import BALANCE
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.study import Study
from core.training.experiments.summary import GAP, VariantFigures


def figure_name(figure: str, language: str) -> str:
    """A figure's name: ``Validation loss``, ``Test AUROC``."""
    if figure in (GAP, FRAMES_LOSS, FRAMES_UNCHANGED):
        return text(language, f"study.figure.{figure}")
    split, metric = figure.split("_", 1)
    name = "log_loss" if metric == "loss" else metric
    return text(language, f"study.figure.{split}", metric=text(language, f"metric.name.{name}"))


def study_name(study: str, language: str) -> str:
    """A study's name as people read it."""
    return text(language, f"study.name.{catalogue_name(study)}")


def study_question(study: str, language: str) -> str:
    """What a study asks."""
    return text(language, f"study.question.{catalogue_name(study)}")


def catalogue_name(study: str) -> str:
    """A study's name as keys of the catalogue have it."""
    return study.replace("-", "_")


def variant_title(study: str, variant: str, language: str) -> str:
    """A variant's name as people read it."""
    words = partial(text, language)
    settings = next(each.settings for each in ALL_STUDIES[study].variants if each.name == variant)
    if study.startswith("architecture"):
        title = REGISTRY[settings["architecture"]].title
        return words("study.imagenet", title=title) if "init" in settings else title
    if study.startswith("mixup"):
        share = f"{100 * settings['mixup_prob']:g}"
        return words("study.mixup", share=share, alpha=f"{settings['mixup_alpha']:g}")
    if study == "data":
        return words("study.share", share=f"{100 * settings['train_share']:g}")
    if study == "synthetic":
        amount = settings.get("synthetic", "0")
        if amount == BALANCE:
            return words("study.balanced")
        return words("study.synthetic", share=f"{100 * float(amount):g}")
    if study == "leave-one-out" and variant.startswith("all-"):
        part = words(f"study.part.{variant.removeprefix('all-')}")
        return words("study.without", part=part)
    if study == "framing":
        return words(f"study.framing.{variant}")
    if study == "regularisation":
        return words(f"study.variant.{variant.replace('-', '_').replace('.', '_')}")
    part = words(f"study.part.{variant}")
    return part[0].upper() + part[1:]


def row_title(study: Study, compared: VariantFigures, language: str) -> str:
    """A variant's name in a chart, with what is missing and whether it is the baseline."""
    title = variant_title(study.name, compared.variant.name, language)
    if compared.variant.name == study.baseline:
        title = text(language, "study.baseline", title=title)
    done, planned = len(compared.figures), len(compared.variant.seeds)
    if done < planned:
        title = text(language, "study.so_far", title=title, done=done, planned=planned)
    return title


def written_figure(figure: str, value: float, language: str) -> str:
    """One value: rates as percentages, losses and AUROC with three decimals."""
    if figure.split("_", 1)[-1] in PERCENTAGES:
        return percent(value, language)
    return signed(value)


def written_difference(figure: str, value: float, language: str) -> str:
    """How far two values lie apart: points of percentages, or three decimals."""
    if figure.split("_", 1)[-1] in PERCENTAGES:
        return text(language, "metric.points", value=100 * value)
    return signed(value)
