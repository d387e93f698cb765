"""What ships agrees with itself: weights, cards, evaluations, READMEs, and the films they read."""

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import load_file

from core.data.folder import data_folder
from core.film import read_film_file
from core.inference import shared_diagnostician
from core.metrics import METRICS, all_metrics, confusion, sigmoid
from core.models import load_card, shipped_models
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from core.readme import READMES, with_table
from core.results import RESULTS_FOLDER, Evaluation, read_evaluations, read_run

LARGEST_FILE_MB = 50
CHECKED_FILMS = 12

MODELS = shipped_models()


def test_the_default_model_ships() -> None:
    assert MODELS[0] == DEFAULT_MODEL


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_float16_and_small_and_the_cards_own(name: str) -> None:
    file = WEIGHTS_FOLDER / f"{name}.safetensors"
    assert file.stat().st_size < LARGEST_FILE_MB * 2**20
    weights = [part for part in load_file(file).values() if part.is_floating_point()]
    assert {str(part.dtype) for part in weights} == {"torch.float16"}
    model = shared_diagnostician(name)
    assert sum(part.numel() for part in model.network.parameters()) == model.card.parameters


@pytest.mark.parametrize("name", MODELS)
def test_the_run_behind_a_model_is_here(name: str) -> None:
    card = load_card(name)
    run = read_run(RESULTS_FOLDER / "runs" / card.run)
    assert run.summary["config"]["architecture"] == card.architecture
    assert run.summary["config"]["size_px"] == card.size_px


def evaluations() -> list[Evaluation]:
    """All evaluations of all shipped models."""
    return [
        evaluation
        for name in MODELS
        for evaluation in read_evaluations(name, RESULTS_FOLDER).values()
    ]


@pytest.mark.parametrize("evaluation", evaluations(), ids=lambda e: f"{e.model}-{e.dataset}")
def test_an_evaluation_is_of_the_shipped_weights_and_adds_up(evaluation: Evaluation) -> None:
    summary, table = evaluation.summary, evaluation.predictions
    card = load_card(evaluation.model)
    assert summary["weights_sha256"] == card.sha256
    assert summary["threshold"] == card.threshold
    truth, probability = table["truth"].to_numpy(), sigmoid(table["logit"])
    assert summary["confusion"] == confusion(truth, probability, card.threshold)
    recomputed = all_metrics(truth, probability, card.threshold)
    for name in METRICS:
        assert summary[name]["value"] == pytest.approx(recomputed[name], abs=1e-4)
        assert summary[name]["low"] <= summary[name]["value"] <= summary[name]["high"]


@pytest.mark.parametrize("name", MODELS)
def test_the_operating_point_finds_what_its_card_promises_on_validation(name: str) -> None:
    card = load_card(name)
    validation = read_evaluations(name, RESULTS_FOLDER)["validation"].summary
    assert validation["sensitivity"]["value"] >= card.validation_sensitivity


@pytest.mark.parametrize("name", MODELS)
def test_every_measured_model_has_its_look_at_the_test_set_logged(name: str) -> None:
    test = read_evaluations(name, RESULTS_FOLDER)["test"].summary
    looks = pd.read_csv(RESULTS_FOLDER / "test_looks.csv")
    look = looks[looks["weights_sha256"] == test["weights_sha256"]].iloc[-1]
    assert look["why"]
    assert look["accuracy"] == pytest.approx(test["accuracy"]["value"], abs=1e-4)


@pytest.mark.parametrize("language", list(READMES))
def test_the_readmes_table_is_that_of_the_results(language: str) -> None:
    readme = READMES[language].read_text(encoding="utf-8")
    assert with_table(readme, language) == readme


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
