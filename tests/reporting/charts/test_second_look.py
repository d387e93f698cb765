"""The second look in sentences and charts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.inference.diagnosis import verdict_of
from core.inference.explanation_methods import METHODS
from core.inference.heatmap import Heatmap
from core.inference.second_look import Masked, Steadiness, Vote
from core.messages.catalogue import LANGUAGES
from core.models import load_card
from core.reporting.captions.second_look import (
    heatmap_words,
    masked_sentence,
    steadiness_sentence,
    votes_note,
    votes_sentence,
)
from core.reporting.charts.second_look import masked_chart, steadiness_chart, votes_chart

LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
SURE, UNSURE, CALM = 0.95, 0.6, 0.02


@pytest.fixture
def cast(tiny_ensemble: Path) -> list[Vote]:
    """Four models: two say pneumonia, one reviews and one says normal; the first is an ensemble."""
    card = replace(load_card("pair", tiny_ensemble), threshold=0.5, review_low=0.4, review_high=0.7)
    votes = []
    for name, probability in (("pair", SURE), ("b", SURE), ("c", UNSURE), ("d", CALM)):
        own = card if name == "pair" else replace(card, name=name, members=())
        votes.append(Vote(own, probability, verdict_of(probability, own)))
    return votes


class TestVotes:
    @LANGUAGE
    def test_the_sentence_counts_who_says_the_same(self, cast: list[Vote], language: str) -> None:
        told = votes_sentence(cast, "pair", language)
        assert "3" in told
        assert "1" in told
        alone = votes_sentence(cast, "d", language)
        assert alone != told
        agreed = votes_sentence(cast[:2], "pair", language)
        assert "1" in agreed
        assert "(" not in agreed, "nobody says otherwise"

    def test_in_plain_words(self, cast: list[Vote]) -> None:
        told = votes_sentence(cast, "pair", "en")
        assert told.startswith("Pneumonia, according to 1 of 3 models (")
        for other in ("Review: 1", "Normal: 1"):
            assert other in told
        assert votes_sentence(cast, "c", "en").startswith("Of 3 models, only the chosen one says")

    @LANGUAGE
    def test_an_ensemble_is_no_vote_of_its_own(self, cast: list[Vote], language: str) -> None:
        assert "`tiny`, `large`" in votes_note(cast, language)
        assert "`tiny`" not in votes_note(cast[1:], language)

    def test_one_model_alone_agrees_with_nobody(self, cast: list[Vote]) -> None:
        assert (
            votes_sentence(cast[1:2], "b", "en")
            == "Only 1 model is counted, and it says Pneumonia."
        )
        two = [cast[1], replace(cast[1], card=replace(cast[1].card, name="e"))]
        assert votes_sentence(two, "b", "en") == "All 2 models give the same verdict: Pneumonia."

    def test_the_chart_shows_point_band_and_probability_of_each(self, cast: list[Vote]) -> None:
        figure = votes_chart(cast, "en")
        *bands, points, films = figure.data
        assert [tuple(band.x) for band in bands] == [(0.4, 0.7)] * 4
        assert sum(band.showlegend for band in bands) == 1
        assert list(points.x) == [0.5] * 4
        assert list(films.x) == [SURE, SURE, UNSURE, CALM]
        assert list(figure.layout.yaxis.ticktext) == ["pair", "b", "c", "d"]


class TestSteadiness:
    names = ("left", "darker")

    @LANGUAGE
    def test_the_range_holds_the_film_itself(self, language: str) -> None:
        found = Steadiness(0.98, dict(zip(self.names, (0.91, 0.95), strict=True)), ())
        told = steadiness_sentence(found, language)
        assert "91.0" in told
        assert "98.0" in told
        torn = steadiness_sentence(replace(found, flips=("darker",)), language)
        assert torn != told
        assert "1" in torn

    def test_what_hardly_moves_has_no_range(self) -> None:
        found = Steadiness(0.9991, dict(zip(self.names, (0.9989, 0.9995), strict=True)), ())
        told = steadiness_sentence(found, "en")
        assert "less than 0.5 percentage points" in told
        assert "99.9" not in told

    def test_the_chart_names_every_change(self) -> None:
        found = Steadiness(0.98, dict(zip(self.names, (0.91, 0.95), strict=True)), ())
        changed, film = steadiness_chart(found, 0.4, "en").data
        assert list(changed.customdata) == ["shifted left", "darker"]
        assert list(film.x) == [0.98]


class TestMasked:
    @LANGUAGE
    def test_the_sentence_turns_with_the_finding(self, cast: list[Vote], language: str) -> None:
        card, elsewhere = cast[1].card, np.linspace(1, 3, 10).astype(np.float32)
        faithful = masked_sentence(Masked(3.0, 0.5, elsewhere), card, language)
        unfaithful = masked_sentence(Masked(3.0, 2.6, elsewhere), card, language)
        risen = masked_sentence(Masked(0.0, 0.5, elsewhere), card, language)
        assert faithful != unfaithful
        assert "95.3" in faithful, "the probability of the film as it is"
        assert risen[-30:] == unfaithful[-30:], "a score that rose was not carried"

    @pytest.mark.parametrize(
        ("whole", "hot", "carried"),
        [(3.0, 1.5, True), (5.0, 2.8, False), (0.9, 0.8, True), (3.0, 4.0, False)],
        ids=["ten points", "fewer, same verdict", "another verdict", "it rises"],
    )
    def test_it_is_carried_where_the_verdict_or_ten_points_go(
        self, cast: list[Vote], whole: float, hot: float, carried: bool
    ) -> None:
        elsewhere = np.full(10, whole, np.float32)
        card = replace(cast[1].card, review_low=0.4, review_high=0.7)
        told = masked_sentence(Masked(whole, hot, elsewhere), card, "en")
        assert ("carry the verdict" in told) == carried
        assert ("barely changes" in told) != carried

    def test_the_chart_shows_every_cover(self) -> None:
        elsewhere = np.linspace(1, 3, 10).astype(np.float32)
        others, hot, film = masked_chart(Masked(3.0, 0.5, elsewhere), "en").data
        assert len(others.x) == 10
        assert (list(hot.x), list(film.x)) == ([0.5], [3.0])
        assert len({trace.marker.symbol for trace in (others, hot, film)}) == 3


@LANGUAGE
@pytest.mark.parametrize("name", METHODS)
def test_the_scales_words_name_the_method_and_its_unit(name: str, language: str) -> None:
    told = heatmap_words(Heatmap(np.ones((2, 2), np.float32), 0.25, name), language)
    assert METHODS[name].title in told
    assert ("0.25" in told) == (METHODS[name].unit in ("logits", "lungs"))
