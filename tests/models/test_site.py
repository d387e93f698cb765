"""A site's profile: what is written is read again, and whatever was changed is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.messages.catalogue import LANGUAGES
from core.messages.errors import SiteDamaged, SiteError, SiteMismatch, SiteMissing
from core.models import ModelCard, load_card
from core.models.site import SITE_VARIABLE, SiteProfile, load_profile, parse_profile, profile_in_use
from core.results.folder import write_json
from tests.support.site import site_profile


@pytest.fixture
def card(tiny_weights: Path) -> ModelCard:
    return load_card("tiny", tiny_weights)


@pytest.fixture
def profile(card: ModelCard) -> SiteProfile:
    return site_profile(card)


def test_what_is_written_is_read_again(profile: SiteProfile, tmp_path: Path) -> None:
    write_json(tmp_path / "site.json", profile.content)
    again = load_profile(tmp_path / "site.json")
    assert again == profile
    assert again.sha256 == profile.sha256 == profile.content["sha256"]


def test_its_settings_take_the_place_of_the_cards(profile: SiteProfile, card: ModelCard) -> None:
    at_site = profile.set_on(card)
    assert at_site.threshold == profile.threshold != card.threshold
    assert at_site.temperature == profile.temperature != card.temperature
    assert (at_site.review_low, at_site.review_high) == (profile.review_low, profile.review_high)
    assert replace(at_site, **{name: getattr(card, name) for name in SETTINGS}) == card
    other = replace(card, name="other")
    assert profile.set_on(other) is other, "other models keep their own"


SETTINGS = ("temperature", "threshold", "review_low", "review_high", "review_alpha")


def test_other_weights_of_its_model_are_refused(profile: SiteProfile, card: ModelCard) -> None:
    with pytest.raises(SiteMismatch, match="Ward 7"):
        profile.set_on(replace(card, sha256="0" * 64))


def nudge(content: dict[str, Any]) -> None:
    content["threshold"] += 1e-9


def lose_a_field(content: dict[str, Any]) -> None:
    del content["figures"]


def lose_the_hash(content: dict[str, Any]) -> None:
    del content["sha256"]


def touch_a_figure(content: dict[str, Any]) -> None:
    content["figures"]["site"]["sensitivity"]["value"] = 1.0


@pytest.mark.parametrize("change", [nudge, lose_a_field, lose_the_hash, touch_a_figure])
def test_a_changed_profile_is_refused(
    profile: SiteProfile, change: Callable[[dict[str, Any]], None]
) -> None:
    content = json.loads(json.dumps(profile.content))
    change(content)
    with pytest.raises(SiteDamaged):
        parse_profile(json.dumps(content).encode(), "site.json")


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"null", b"{}", b'{"sha256": NaN}', b"[" * 9999]
)
def test_what_is_no_profile_is_refused(data: bytes) -> None:
    with pytest.raises(SiteDamaged) as refused:
        parse_profile(data, "site.json")
    for language in LANGUAGES:
        assert "site.json" in refused.value.message(language)


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0.0},
        {"temperature": "2"},
        {"threshold": 1.0, "review_high": 1.0},
        {"review_low": 0.99},
        {"review_high": 1.2},
        {"site": "<b>Ward</b>"},
        {"site": ""},
        {"format": 2},
        {"counts": {}},
    ],
)
def test_values_out_of_range_are_refused_though_the_hash_fits(
    profile: SiteProfile, wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SiteProfile, "__post_init__", lambda self: None)
        content = replace(profile, **wrong).content
    with pytest.raises(SiteDamaged):
        parse_profile(json.dumps(content).encode(), "site.json")


def test_the_environment_names_the_profile_in_use(
    profile: SiteProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SITE_VARIABLE, raising=False)
    assert profile_in_use() is None
    file = tmp_path / "site.json"
    monkeypatch.setenv(SITE_VARIABLE, str(file))
    with pytest.raises(SiteMissing, match=r"site\.json"):
        profile_in_use()
    file.write_text("{}")
    with pytest.raises(SiteError, match="damaged"):
        profile_in_use()
    write_json(file, profile.content)
    assert profile_in_use() == profile
