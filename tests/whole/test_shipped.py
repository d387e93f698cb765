"""What ships agrees with itself: weights, cards, evaluations, READMEs, and the films they read."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import load_file

from core.data.folder import data_folder
from core.evaluation.readings import readings_of
from core.evaluation.selection import check_selected
from core.imaging import read_film_file
from core.inference.model import shared_diagnostician
from core.metrics.calibration import balanced_threshold, fit_temperature
from core.metrics.classification import METRICS, all_metrics, confusion
from core.metrics.logits import sigmoid
from core.models import load_card, shipped_models
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER, load_network
from core.reporting.documents.files import DOCUMENTS, Document, renewed
from core.results.evaluations import Evaluation, read_evaluations
from core.results.folder import RESULTS_FOLDER
from core.results.model_records import SEED_SIGN
from core.results.runs import read_run

LARGEST_FILE_MB = 50
CHECKED_FILMS = 12

MODELS = shipped_models()


def test_the_default_model_ships_and_is_the_one_that_was_chosen() -> None:
    assert MODELS[0] == DEFAULT_MODEL
    record = json.loads((RESULTS_FOLDER / "selection" / "default.json").read_text(encoding="utf-8"))
    assert sorted(load_card(DEFAULT_MODEL).runs) == sorted(record["chosen"])


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_float16_and_small_and_the_cards_own(name: str) -> None:
    card, file = load_card(name), WEIGHTS_FOLDER / f"{name}.safetensors"
    if card.members:
        assert not file.exists(), "an ensemble's weights are its members'"
        return
    assert file.stat().st_size < LARGEST_FILE_MB * 2**20
    assert sum(part.numel() for part in load_network(card).parameters()) == card.parameters
    weights = [part for part in load_file(file).values() if part.is_floating_point()]
    assert {str(part.dtype) for part in weights} == {"torch.float16"}


def test_every_weights_file_has_a_card() -> None:
    assert {file.stem for file in WEIGHTS_FOLDER.glob("*.safetensors")} <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_the_runs_behind_a_model_are_here(name: str) -> None:
    card = load_card(name)
    members = [load_card(member) for member in card.members] or [card]
    assert card.runs == tuple(member.run for member in members)
    for member in members:
        config = read_run(RESULTS_FOLDER / "runs" / member.run).summary["config"]
        size_px = config.get("reading_size_px") or config["size_px"]
        assert (config["architecture"], size_px) == (member.architecture, member.size_px)


@pytest.mark.parametrize("name", MODELS)
def test_a_committed_record_chose_every_model(name: str) -> None:
    check_selected(load_card(name).runs, RESULTS_FOLDER)


MEASURED = sorted(folder.name for folder in (RESULTS_FOLDER / "evaluations").iterdir())
EVALUATIONS = [
    evaluation
    for name in MEASURED
    for evaluation in read_evaluations(name, RESULTS_FOLDER).values()
]
"""All evaluations: of the models that ship, and of the same recipes with other seeds."""


@pytest.mark.parametrize("name", MEASURED)
def test_what_was_measured_ships_or_is_another_seed_of_what_does(name: str) -> None:
    model, sign, seed = name.partition(SEED_SIGN)
    assert model in MODELS
    if sign:
        assert seed.isdecimal()
        assert name not in MODELS


@pytest.mark.parametrize("evaluation", EVALUATIONS, ids=lambda e: f"{e.model}-{e.dataset}")
def test_an_evaluation_is_of_the_shipped_weights_and_adds_up(evaluation: Evaluation) -> None:
    summary, table = evaluation.summary, evaluation.predictions
    if evaluation.model in MODELS:
        card = load_card(evaluation.model)
        assert summary["weights_sha256"] == card.sha256
        assert summary["threshold"] == card.threshold
        assert (summary["review"]["low"], summary["review"]["high"]) == (
            card.review_low,
            card.review_high,
        )
    truth, probability = table["truth"].to_numpy(), sigmoid(table["logit"])
    assert summary["confusion"] == confusion(truth, probability, summary["threshold"])
    recomputed = all_metrics(truth, probability, summary["threshold"])
    for name in METRICS:
        if math.isnan(recomputed[name]):
            assert summary[name]["value"] is None
            continue
        # Logits are written with six digits, which can tie films that were not.
        off = 3e-4 if name == "auprc" else 1e-4
        assert summary[name]["value"] == pytest.approx(recomputed[name], abs=off)
        assert summary[name]["low"] <= summary[name]["high"]
        assert summary[name]["value"] <= summary[name]["high"]
        if name != "ece":  # bins of a resample are rougher: it can be higher in all of them
            assert summary[name]["low"] <= summary[name]["value"]


@pytest.mark.parametrize("evaluation", EVALUATIONS, ids=lambda e: f"{e.model}-{e.dataset}")
def test_what_is_for_review_adds_up(evaluation: Evaluation) -> None:
    review, threshold = evaluation.summary["review"], evaluation.summary["threshold"]
    assert review["low"] <= threshold <= review["high"]
    probability = sigmoid(evaluation.predictions["logit"])
    rest = (probability < review["low"]) | (probability >= review["high"])
    assert review["n"] == (~rest).sum()
    assert review["share"] == pytest.approx((~rest).mean(), abs=1e-6)
    assert review["rest"]["n"] == rest.sum()
    right = (probability >= threshold) == (evaluation.predictions["truth"] == 1)
    assert review["rest"]["accuracy"]["value"] == pytest.approx(right[rest].mean(), abs=1e-6)


@pytest.mark.parametrize("name", MEASURED)
def test_the_causes_and_the_patients_of_the_test_set_are_told_apart(name: str) -> None:
    test = read_evaluations(name, RESULTS_FOLDER)["test"]
    normal = int((test.predictions["truth"] == 0).sum())
    groups = {group: figures["n"] for group, figures in test.summary["subgroups"].items()}
    for cause in ("bacteria", "virus"):
        assert groups[cause] == normal + test.predictions["image"].str.contains(cause).sum()
    assert groups["shared_number"] + groups["own_number"] == len(test.predictions) + normal


@pytest.mark.parametrize("name", MODELS)
def test_the_card_is_fitted_on_its_runs_under_stress_and_unseen_series(name: str) -> None:
    card = load_card(name)
    readings = readings_of(card.runs, RESULTS_FOLDER, card.with_series)
    assert card.temperature == pytest.approx(fit_temperature(readings), rel=1e-3)
    calibrated = readings.assign(logit=readings["logit"] / card.temperature)
    assert card.threshold == pytest.approx(balanced_threshold(calibrated), abs=1e-3)


@pytest.mark.parametrize("name", MEASURED)
def test_every_measured_model_has_its_look_at_the_test_set_logged(name: str) -> None:
    test = read_evaluations(name, RESULTS_FOLDER)["test"].summary
    looks = pd.read_csv(RESULTS_FOLDER / "test_looks.csv")
    labelled = looks[looks["accuracy"].notna()]  # others read the films without their labels
    look = labelled[labelled["weights_sha256"] == test["weights_sha256"]].iloc[-1]
    assert look["why"]
    assert look["accuracy"] == pytest.approx(test["accuracy"]["value"], abs=1e-4)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.file.name)
def test_the_tables_of_the_documents_are_those_of_the_results(document: Document) -> None:
    assert renewed(document) == document.file.read_text(encoding="utf-8"), "python -m core readme"


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_model_still_says_of_real_films_what_was_measured(name: str) -> None:
    data = data_folder()
    if data is None:
        pytest.skip("no data folder: set CHEST_XRAY_DIR")
    rows = read_evaluations(name, RESULTS_FOLDER)["test"].predictions
    rows = rows.iloc[:: len(rows) // CHECKED_FILMS]
    model = shared_diagnostician(name)
    found = [model.diagnose(read_film_file(data / image)).probability for image in rows["image"]]
    np.testing.assert_allclose(found, sigmoid(rows["logit"]), atol=0.005)
