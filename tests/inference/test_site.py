"""A model at a site: its verdicts follow the site's settings and say so."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import core.inference.model as own
from core import load_model
from core.data.labels import Verdict
from core.imaging import Film, read_film
from core.inference.loaded import Loaded
from core.inference.model import Diagnostician, shared_diagnostician
from core.messages.errors import SiteDamaged, WeightsError
from core.models import load_card
from core.models.site import SITE_VARIABLE, SiteProfile
from core.results.folder import write_json
from tests.support.phantoms import chest_phantom, encode
from tests.support.site import SITE, site_profile


def phantom_film(seed: int) -> Film:
    return read_film(encode(chest_phantom(seed=seed), "PNG"))


@pytest.fixture
def shipped(tiny_weights: Path) -> Diagnostician:
    return Diagnostician.load("tiny", tiny_weights)


@pytest.fixture
def profile(shipped: Diagnostician) -> SiteProfile:
    return site_profile(shipped.card)


def test_verdicts_follow_the_sites_settings(
    shipped: Diagnostician, profile: SiteProfile, tiny_weights: Path
) -> None:
    film = phantom_film(1)
    before = shipped.diagnose(film)
    edge = before.probability
    for threshold, verdict in ((edge / 2, Verdict.PNEUMONIA), ((1 + edge) / 2, Verdict.NORMAL)):
        moved = replace(
            profile,
            temperature=shipped.card.temperature,
            threshold=threshold,
            review_low=threshold,
            review_high=threshold,
        )
        found = Diagnostician.load("tiny", tiny_weights, moved).diagnose(film)
        assert (found.verdict, found.threshold) == (verdict, threshold)
        assert found.probability == before.probability
    assert shipped.card == load_card("tiny", tiny_weights), "the shipped card stays as it is"


def test_a_diagnosis_at_a_site_says_so_and_has_other_settings(
    shipped: Diagnostician, profile: SiteProfile, tiny_weights: Path
) -> None:
    same = replace(profile, **{name: getattr(shipped.card, name) for name in SETTINGS})
    before = shipped.diagnose(phantom_film(1))
    found = Diagnostician.load("tiny", tiny_weights, same).diagnose(phantom_film(1))
    assert found.verdict == before.verdict
    assert found.settings_sha256 != before.settings_sha256
    assert before.site_notice is None
    assert found.site_notice is not None
    words = found.site_notice.message("en")
    assert words == f"Operating point of {SITE}, fitted on {profile.films} films."
    other = replace(profile, threshold=profile.review_high)
    again = Diagnostician.load("tiny", tiny_weights, other).diagnose(phantom_film(1))
    assert again.settings_sha256 not in (before.settings_sha256, found.settings_sha256)


SETTINGS = ("temperature", "threshold", "review_low", "review_high", "review_alpha")


def test_a_model_that_the_profile_is_not_for_reads_as_it_ships_and_says_so(
    shipped: Diagnostician, profile: SiteProfile, tiny_weights: Path
) -> None:
    foreign = replace(profile, model="other", weights_sha256="0" * 64)
    found = Diagnostician.load("tiny", tiny_weights, foreign).diagnose(phantom_film(1))
    before = shipped.diagnose(phantom_film(1))
    assert found.threshold == before.threshold
    assert found.settings_sha256 == before.settings_sha256
    assert found.site_notice is not None
    assert "as shipped" in found.site_notice.message("en")


@pytest.mark.parametrize("load", [shared_diagnostician, load_model])
def test_a_damaged_profile_stops_every_reading(
    load: Callable[[str], Diagnostician],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "site.json"
    write_json(file, {"threshold": 0.5})
    monkeypatch.setenv(SITE_VARIABLE, str(file))
    fresh = Loaded(lambda name: Diagnostician.load(name, site=own.profile_in_use()))
    monkeypatch.setattr(own, "_loaded", fresh)
    for _ in range(2):
        with pytest.raises(SiteDamaged) as stopped:
            load("efficientnet_lite2")
        assert isinstance(stopped.value, WeightsError), "as every room that reads expects it"
