"""For whom: a child's film or an adult's, by the picture and by the age that a file tells."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor

from core.data.adult_films import ADULTS_NAME, scan_adults
from core.data.dataset import as_films, load_pixels
from core.data.folder import data_folder, held_out, hold_out
from core.data.labels import POPULATIONS, Population, Verdict
from core.data.other_views import film_of_two
from core.imaging import Film, FilmFacts, Notice
from core.imaging.framing import lungs_boxes, widened
from core.inference.gate import GATE_VARIABLE, admit
from core.inference.lungs import Located, Segmenter, lungs_map, shared_segmenter
from core.inference.model import Diagnostician, shared_diagnostician
from core.inference.population import (
    PopulationReader,
    population_in_use,
    said_by_age,
    shared_population_reader,
    whose,
    why_no_verdict,
)
from core.messages.catalogue import LANGUAGES
from core.messages.errors import NotAChestFilm, WeightsDamaged, WeightsMismatch, WeightsMissing
from core.models.lungs import FoundLungs, LungsNetwork
from core.models.lungs_card import LungsCard
from core.models.population import POPULATION_MARGIN, PopulationNetwork, population_inputs
from core.models.population_card import PopulationCard, load_population, save_population
from core.models.weights import sha256_of, weights_file
from tests.support.phantoms import chest_phantom

CHILD, ADULT, NEITHER = POPULATIONS
SIDE = 224
REAL_FILMS = 30
VIEWS = 30


def lungs_at(*boxes: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """A map of lungs: each box is left, top, right and bottom, in pixels."""
    lungs = np.zeros((SIDE, SIDE), np.float32)
    for left, top, right, bottom in boxes:
        lungs[top:bottom, left:right] = 0.9
    return lungs


TWO = lungs_at((40, 50, 90, 160), (130, 50, 180, 160))
NONE = np.zeros_like(TWO)


def found_as(lungs: NDArray[np.float32]) -> Located:
    """As if the segmenter had found these lungs in a phantom."""
    films = torch.from_numpy(chest_phantom(SIDE, SIDE))[None, None].float() / 255
    regions = torch.tensor([[0.5, 0.5, 1.0, 1.0]])
    found = torch.tensor([bool(lungs.any())])
    return Located(
        FoundLungs(films, torch.from_numpy(lungs)[None, None], regions, found), torch.ones(1)
    )


def film_with(age_years: float | None = None, *notices: str) -> Film:
    pixels = chest_phantom(SIDE, SIDE).astype(np.float32) / 255
    facts = FilmFacts("DICOM", SIDE, SIDE, bits=8, age_years=age_years)
    return Film(pixels, "0" * 64, facts, tuple(Notice(key) for key in notices))


def card(**changes: object) -> PopulationCard:
    known = PopulationCard(
        version="1",
        sha256="0" * 64,
        lungs_sha256="1" * 64,
        parameters=1,
        child_from=0.6,
        adult_from=0.7,
        films={},
        held_out_films={},
        views=1,
        config={},
        manifest_sha256="2" * 64,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


class Sure(PopulationNetwork):
    """A network that always says the same."""

    def __init__(self, child: float, adult: float) -> None:
        super().__init__()
        self.said = torch.tensor([[child, adult, 1 - child - adult]])

    def forward(self, embedded: Tensor) -> Tensor:
        return self.said.clamp_min(1e-6).log()


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    torch.manual_seed(0)
    known = LungsCard("1", "1" * 64, parameters=1, films=1, held_out_films=1)
    return Segmenter(known, LungsNetwork().eval().requires_grad_(False))


@pytest.fixture
def reader(segmenter: Segmenter, request: pytest.FixtureRequest) -> PopulationReader:
    """A reader that is sure of what the test's parameter says."""
    shares = {CHILD: (0.98, 0.01), ADULT: (0.01, 0.98), NEITHER: (0.5, 0.4)}
    return PopulationReader(card(), Sure(*shares[request.param]), segmenter)


def keys(reasons: tuple[Notice, ...]) -> list[str]:
    return [reason.key.removeprefix("population.reason.") for reason in reasons]


class TestRules:
    @pytest.mark.parametrize(
        ("reader", "age", "told", "reasons"),
        [
            (CHILD, None, CHILD, []),
            (CHILD, 1.0, CHILD, []),
            (CHILD, 5.9, CHILD, []),
            (CHILD, 0.2, NEITHER, ["age"]),
            (CHILD, 6.0, NEITHER, ["age"]),
            (CHILD, 15.9, NEITHER, ["age"]),
            (CHILD, 16.0, ADULT, ["adult_by_age", "child_in_picture"]),
            (ADULT, None, ADULT, ["adult"]),
            (ADULT, 3.0, NEITHER, ["adult_in_picture"]),
            (ADULT, 0.5, NEITHER, ["age", "adult_in_picture"]),
            (ADULT, 12.0, NEITHER, ["age"]),
            (ADULT, 70.0, ADULT, ["adult_by_age"]),
            (NEITHER, None, NEITHER, ["neither"]),
            (NEITHER, 4.0, NEITHER, ["neither"]),
            (NEITHER, 40.0, ADULT, ["adult_by_age"]),
        ],
        indirect=["reader"],
    )
    def test_picture_and_age_together(
        self, reader: PopulationReader, age: float | None, told: Population, reasons: list[str]
    ) -> None:
        reading = reader.read(film_with(age), found_as(TWO))
        assert (reading.population, keys(reading.reasons)) == (told, reasons)

    @pytest.mark.parametrize("reader", [CHILD], indirect=True)
    @pytest.mark.parametrize(
        ("notice", "reason"),
        [("film.notice.lateral", "lateral"), ("gate.notice.unlike", "unlike")],
    )
    def test_what_the_file_or_the_gate_says_against_it_counts(
        self, reader: PopulationReader, notice: str, reason: str
    ) -> None:
        reading = reader.read(film_with(None, notice), found_as(TWO))
        assert (reading.population, keys(reading.reasons)) == (NEITHER, [reason])

    @pytest.mark.parametrize("reader", [CHILD, ADULT], indirect=True)
    def test_without_lungs_nothing_is_read_off_the_picture(self, reader: PopulationReader) -> None:
        reading = reader.read(film_with(), found_as(NONE))
        assert (reading.population, reading.pictured) == (NEITHER, NEITHER)
        assert reader.read(film_with(30.0), found_as(NONE)).population is ADULT

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("age", [0.5, 3.0, 10.0, 40.0])
    @pytest.mark.parametrize("pictured", POPULATIONS)
    def test_every_reason_is_one_line_in_every_language(
        self, pictured: Population, age: float, language: str
    ) -> None:
        for reason in said_by_age(age, pictured):
            words = reason.message(language)
            assert f"{age:g}" in words
            assert "\n" not in words


class TestWhatIsRead:
    def test_nothing_beyond_the_wide_box_round_the_lungs_counts(self) -> None:
        lungs = torch.from_numpy(TWO)[None, None]
        film = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
        x, y, wide, high = (SIDE * widened(lungs_boxes(lungs)[0], POPULATION_MARGIN)[0]).tolist()
        other = torch.ones_like(film)
        rows, columns = (
            slice(max(0, int(middle - length / 2) - 2), int(middle + length / 2) + 3)
            for middle, length in ((y, high), (x, wide))
        )
        other[..., rows, columns] = film[..., rows, columns]
        assert not torch.equal(film, other)
        assert torch.equal(population_inputs(film, lungs)[0], population_inputs(other, lungs)[0])


class TestWeights:
    def test_they_are_those_of_the_card_or_none(self, tmp_path: Path) -> None:
        file = weights_file(PopulationNetwork(), half=False)
        save_population(card(sha256=sha256_of(file)), file, tmp_path)
        assert load_population(tmp_path)[0].child_from == 0.6
        (tmp_path / "weights.safetensors").write_bytes(file[:-1] + b"x")
        with pytest.raises(WeightsDamaged):
            load_population(tmp_path)
        (tmp_path / "weights.safetensors").unlink()
        with pytest.raises(WeightsMissing):
            load_population(tmp_path)

    def test_a_reader_of_another_segmenter_is_refused(self, tmp_path: Path) -> None:
        file = weights_file(PopulationNetwork(), half=False)
        save_population(card(sha256=sha256_of(file)), file, tmp_path)
        with pytest.raises(WeightsMismatch):
            PopulationReader.load(tmp_path)

    def test_a_threshold_that_lets_both_populations_through_is_refused(self) -> None:
        with pytest.raises(ValueError, match="adult_from"):
            card(adult_from=0.4)

    def test_it_is_off_where_the_gate_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(GATE_VARIABLE, "off")
        assert population_in_use() is None


def drawn_lateral(seed: int) -> NDArray[np.float32]:
    """A lateral chest, drawn in another way than training draws it: ellipses on a soft body."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    x = x if rng.random() < 0.5 else -x
    film = 0.75 * np.exp(-((x / rng.uniform(0.7, 0.85)) ** 6))
    tilt = rng.uniform(-0.15, 0.15)
    across, down = x - tilt * y, y + rng.uniform(0, 0.15)
    lung = np.hypot(across / rng.uniform(0.42, 0.55), down / rng.uniform(0.6, 0.75)) < 1
    film = film - 0.4 * gaussian_filter(lung.astype(float), 4)
    heart = np.hypot((across + 0.15) / 0.24, (down - 0.25) / 0.3) < 1
    film = film + rng.uniform(0.15, 0.3) * gaussian_filter(heart.astype(float), 5)
    for level in np.arange(-0.9, 0.95, rng.uniform(0.12, 0.18)):
        body = np.maximum(np.abs(across - 0.42 + 0.1 * y**2) / 0.09, np.abs(y - level) / 0.05) < 1
        film = film + 0.2 * gaussian_filter(body.astype(float), 1.5)
        rib = np.abs(y - level - 0.5 * (across - 0.4)) < 0.015
        film = film + 0.08 * gaussian_filter((rib & lung).astype(float), 1)
    film = film + rng.normal(0, 0.015, film.shape)
    return np.clip(film / film.max(), 0, 1).astype(np.float32)


def as_film(image: NDArray[np.float32]) -> Film:
    height, width = image.shape
    return Film(image.copy(), "0" * 64, FilmFacts("PNG", width, height, bits=8))


@pytest.fixture(scope="module")
def real() -> dict[Population, Tensor]:
    """Held-out films of children and adults, (N, 1, 224, 224) each."""
    data = data_folder()
    if data is None or not (data.parent / ADULTS_NAME).is_dir():
        pytest.skip("needs the data folder and the adults' beside it")
    adults = data.parent / ADULTS_NAME
    kept = [film for film in hold_out(scan_adults(adults), 8, 0, 0) if film.split == "validation"]
    step = len(kept) // REAL_FILMS
    children = held_out(data, 8, 0, 0)
    return {
        CHILD: as_films(load_pixels(data, children[:: len(children) // REAL_FILMS])),
        ADULT: as_films(load_pixels(adults, kept[::step])),
    }


@pytest.fixture(scope="module")
def model() -> Diagnostician:
    """The gate is off in other tests; here the population reader is at work."""
    return shared_diagnostician()


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GATE_VARIABLE, raising=False)


@pytest.mark.usefixtures("at_work")
class TestShipped:
    @pytest.mark.parametrize("right", [CHILD, ADULT])
    def test_it_tells_children_from_adults(
        self, real: dict[Population, Tensor], right: Population
    ) -> None:
        segmenter, films = shared_segmenter(), [film[0].numpy() for film in real[right]]
        reader = shared_population_reader()
        readings = [
            reader.read(as_film(film), segmenter.locate([torch.from_numpy(film)[None]]))
            for film in films
        ]
        told = [reading.population for reading in readings]
        assert told.count(right) >= 0.9 * len(told)
        assert {CHILD: ADULT, ADULT: CHILD}[right] not in told

    def test_an_adults_film_gets_no_plain_verdict(
        self, real: dict[Population, Tensor], model: Diagnostician
    ) -> None:
        for film in real[ADULT][:5]:
            diagnosis = model.diagnose(as_film(film[0].numpy()))
            assert diagnosis.verdict is Verdict.REVIEW
            assert diagnosis.reasons[0].message("en") == "Adult: outside what it learned."
            assert 0 < diagnosis.probability < 1
            assert diagnosis.heatmap.evidence.shape == (7, 7)

    def test_a_child_with_an_adults_age_gets_none_either(
        self, real: dict[Population, Tensor], model: Diagnostician
    ) -> None:
        film = as_film(real[CHILD][0, 0].numpy())
        plain = model.diagnose(film)
        aged = model.diagnose(replace(film, facts=replace(film.facts, age_years=50.0)))
        assert plain.reasons == ()
        assert keys(aged.reasons) == ["adult_by_age", "child_in_picture"]
        assert (aged.verdict, aged.probability) == (Verdict.REVIEW, plain.probability)

    def test_films_of_two_get_no_plain_verdict(
        self, real: dict[Population, Tensor], model: Diagnostician
    ) -> None:
        rng, every = np.random.default_rng(5), torch.cat(list(real.values()))
        for number in range(VIEWS):
            one, two = (every[place] for place in rng.integers(len(every), size=2))
            film = as_film(film_of_two((one, two), rng)[0].numpy())
            assert reasons_of(film, model), number

    def test_lateral_views_get_no_plain_verdict(self, model: Diagnostician) -> None:
        for seed in range(VIEWS):
            assert reasons_of(as_film(drawn_lateral(seed)), model), seed


def reasons_of(film: Film, model: Diagnostician) -> tuple[Notice | NotAChestFilm, ...]:
    """Why a film gets no plain verdict: the gate refuses it, or the reasons of its diagnosis."""
    try:
        right = admit(film)
    except NotAChestFilm as refusal:
        return (refusal,)
    located = model.locate(right)
    return why_no_verdict(whose(right, located), lungs_map(located))
