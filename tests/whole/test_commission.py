"""A site's profile where a user meets it: command line, HTTP, report, Structured Report, page."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.api.readings import _as_json
from core.cli.commission import main as commission
from core.cli.predict import main as predict
from core.data.labels import Verdict
from core.evaluation.commissioning.commission import profile_of
from core.imaging import read_film
from core.inference.diagnosis import Diagnosis
from core.inference.model import Diagnostician
from core.messages.catalogue import LANGUAGES
from core.models.site import SITE_VARIABLE, SiteProfile, parse_profile
from core.models.weights import DEFAULT_MODEL
from core.reporting.captions.verdict import calibrated_words, short_worth_words, worth_words
from core.results.folder import write_json
from tests.conftest import draw_film
from tests.support.phantoms import chest_phantom, encode
from tests.support.site import SITE, site_films, site_profile
from tests.ui.conftest import run_page


@pytest.fixture
def model(tiny_weights: Path) -> Diagnostician:
    return Diagnostician.load("tiny", tiny_weights)


@pytest.fixture
def profile(model: Diagnostician) -> SiteProfile:
    return site_profile(model.card)


@pytest.fixture
def diagnosis(profile: SiteProfile, tiny_weights: Path) -> Diagnosis:
    film = read_film(encode(chest_phantom(), "PNG"))
    return Diagnostician.load("tiny", tiny_weights, profile).diagnose(film)


def test_commission_writes_a_profile_and_says_what_it_found(
    tmp_path: Path,
    tiny_weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "core.evaluation.commissioning.commission.read_site", lambda *_: site_films()
    )
    monkeypatch.setattr(
        "core.evaluation.commissioning.commission.profile_of", partial(profile_of, samples=20)
    )
    table, out = tmp_path / "labels.csv", tmp_path / "new" / "site.json"
    table.write_text("file,label\na.png,0\n")
    arguments = [str(tmp_path), str(table), "--site", SITE, "--out", str(out)]
    arguments += ["--model", "tiny", "--weights", str(tiny_weights)]
    assert commission(arguments) == 0
    profile = parse_profile(out.read_bytes(), out.name)
    told = capsys.readouterr().out
    assert f"{SITE}: {profile.films} films" in told
    assert "not a medical device" in told


def test_too_few_films_are_an_error_and_leave_no_file(
    tmp_path: Path, tiny_weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_film(tmp_path / "a.png", 1)
    table, out = tmp_path / "labels.csv", tmp_path / "site.json"
    table.write_text("file,label\na.png,0\n")
    arguments = [str(tmp_path), str(table), "--site", SITE, "--out", str(out)]
    assert commission([*arguments, "--model", "tiny", "--weights", str(tiny_weights)]) == 1
    assert "1 NORMAL films" in capsys.readouterr().err
    assert not out.exists()


def test_predict_reads_with_a_profile_and_notes_it(
    tmp_path: Path, tiny_weights: Path, profile: SiteProfile, capsys: pytest.CaptureFixture[str]
) -> None:
    film, site = draw_film(tmp_path / "a.png", 1), tmp_path / "site.json"
    arguments = [str(film), "--json", "--weights", str(tiny_weights), "--model", "tiny"]
    write_json(site, profile.content)
    assert predict([*arguments, "--site", str(site)]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["threshold"] == profile.threshold
    assert f"Operating point of {SITE}" in line["warnings"][-1]
    damaged = tmp_path / "damaged.json"
    write_json(damaged, profile.content | {"threshold": 0.9})
    assert predict([*arguments, "--site", str(damaged)]) == 1
    told = capsys.readouterr()
    assert "damaged" in told.err
    assert not told.out, "nothing is diagnosed"
    other = tmp_path / "other.json"
    write_json(other, replace(profile, model="other").content)
    assert predict([*arguments, "--site", str(other)]) == 1
    assert "other" in capsys.readouterr().err


def test_http_answers_whose_operating_point_it_is(
    model: Diagnostician, profile: SiteProfile, diagnosis: Diagnosis
) -> None:
    assert diagnosis.film is not None
    answer = json.loads(bytes(_as_json("en", model.card, diagnosis.film, diagnosis).body))
    assert answer["site"]["sha256"] == profile.sha256
    assert answer["site"]["applied"] is True
    assert answer["operating_point"] == profile.threshold
    plain = model.diagnose(diagnosis.film)
    assert json.loads(bytes(_as_json("en", model.card, diagnosis.film, plain).body))["site"] is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict)
def test_captions_name_the_site_and_give_its_figures_in_place_of_the_test_films(
    diagnosis: Diagnosis, language: str, verdict: Verdict
) -> None:
    found = replace(diagnosis, verdict=verdict)
    assert found.site_notice is not None
    short = short_worth_words(found, "tiny", language)
    assert found.site_notice.message(language) in short
    for words in (worth_words(found, "tiny", language), calibrated_words(found, language)):
        assert SITE in words


def test_the_page_shows_the_profile_in_use_or_how_to_make_one(
    tmp_path: Path, profile: SiteProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SITE_VARIABLE, raising=False)
    page = run_page("evaluation_page", part="own")
    assert not page.exception
    assert any("core commission" in code.value for code in page.code)
    file = tmp_path / "site.json"
    write_json(file, replace(profile, model=DEFAULT_MODEL).content)
    monkeypatch.setenv(SITE_VARIABLE, str(file))
    page = run_page("evaluation_page", "ko", part="own")
    assert not page.exception
    assert any(SITE in heading.value for heading in page.markdown)
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    monkeypatch.setenv(SITE_VARIABLE, str(broken))
    page = run_page("evaluation_page", part="own")
    assert not page.exception
    assert "damaged" in page.error[0].value
