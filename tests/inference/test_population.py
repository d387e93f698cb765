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
from core.data.labels import POPULATIONS, Population
from core.data.other_views import film_of_two
from core.imaging import Film, FilmFacts, Notice
from core.imaging.framing import lungs_boxes, widened
from core.inference.gate import GATE_VARIABLE
from core.inference.lung_fields import lung_fields, lungs_reason
from core.inference.population import (
    PopulationReader,
    population_in_use,
    said_by_age,
    shared_population_reader,
)
from core.messages.catalogue import LANGUAGES
from core.messages.errors import WeightsDamaged, WeightsMismatch, WeightsMissing
from core.models.lungs import FoundLungs, LungsNetwork
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
ONE = lungs_at((40, 50, 90, 160))
UNEVEN = lungs_at((40, 50, 90, 160), (130, 50, 160, 80))
FOUR = lungs_at(*((x, y, x + 30, y + 60) for x in (20, 160) for y in (20, 130)))
THREE = lungs_at((20, 50, 70, 160), (90, 50, 130, 160), (150, 50, 200, 160))


def found_as(lungs: NDArray[np.float32]) -> FoundLungs:
    """As if the segmenter had found these lungs in a phantom."""
    films = torch.from_numpy(chest_phantom(SIDE, SIDE))[None, None].float() / 255
    regions = torch.tensor([[0.5, 0.5, 1.0, 1.0]])
    return FoundLungs(films, torch.from_numpy(lungs)[None, None], regions, torch.tensor([True]))


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
def segmenter() -> LungsNetwork:
    torch.manual_seed(0)
    return LungsNetwork().eval().requires_grad_(False)


@pytest.fixture
def reader(segmenter: LungsNetwork, request: pytest.FixtureRequest) -> PopulationReader:
    """A reader that is sure of what the test's parameter says."""
    shares = {CHILD: (0.98, 0.01), ADULT: (0.01, 0.98), NEITHER: (0.5, 0.4)}
    return PopulationReader(card(), Sure(*shares[request.param]), segmenter)


def keys(reasons: tuple[Notice, ...]) -> list[str]:
    return [reason.key.removeprefix("population.reason.") for reason in reasons]


class TestLungFields:
    @pytest.mark.parametrize(
        ("lungs", "reason"),
        [
            (TWO, None),
            (ONE, "one_lung"),
            (UNEVEN, "one_lung"),
            (THREE, "many_lungs"),
            (FOUR, "many_lungs"),
            (np.zeros_like(TWO), "no_lungs"),
        ],
    )
    def test_a_frontal_film_of_one_chest_shows_two_lungs_of_like_size(
        self, lungs: NDArray[np.float32], reason: str | None
    ) -> None:
        found = lungs_reason(lungs, found=True)
        assert (found and found.key) == (reason and f"population.reason.{reason}")

    def test_what_is_too_little_to_be_lungs_is_none(self) -> None:
        reason = lungs_reason(TWO, found=False)
        assert reason is not None
        assert reason.key == "population.reason.no_lungs"

    def test_specks_are_not_counted(self) -> None:
        speckled = TWO.copy()
        speckled[5:9, 5:9] = speckled[210:215, 100:105] = 0.9
        assert lung_fields(speckled) == lung_fields(TWO)
        assert lungs_reason(speckled, found=True) is None


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

    @pytest.mark.parametrize("reader", [CHILD], indirect=True)
    @pytest.mark.parametrize(("lungs", "reason"), [(FOUR, "many_lungs"), (ONE, "one_lung")])
    def test_so_does_the_number_of_lungs(
        self, reader: PopulationReader, lungs: NDArray[np.float32], reason: str
    ) -> None:
        reading = reader.read(film_with(), found_as(lungs))
        assert (reading.population, keys(reading.reasons)) == (NEITHER, [reason])

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


class TestShipped:
    def test_its_words_are_the_segmenters_own(self) -> None:
        shipped = shared_population_reader()
        assert shipped.card.sha256
        assert min(shipped.card.child_from, shipped.card.adult_from) > 0.5

    @pytest.mark.parametrize("right", [CHILD, ADULT])
    def test_it_tells_children_from_adults(
        self, real: dict[Population, Tensor], right: Population
    ) -> None:
        shipped = shared_population_reader()
        told = [shipped.read(as_film(film[0].numpy())).population for film in real[right]]
        assert told.count(right) >= 0.95 * len(told)
        assert {CHILD: ADULT, ADULT: CHILD}[right] not in told

    def test_films_of_two_are_never_a_childs(self, real: dict[Population, Tensor]) -> None:
        shipped, rng = shared_population_reader(), np.random.default_rng(5)
        every = torch.cat(list(real.values()))
        for _ in range(VIEWS):
            one, two = (every[place] for place in rng.integers(len(every), size=2))
            reading = shipped.read(as_film(film_of_two((one, two), rng)[0].numpy()))
            assert reading.population is not CHILD, reading
            assert reading.reasons

    def test_lateral_views_are_never_a_childs(self) -> None:
        shipped = shared_population_reader()
        for seed in range(VIEWS):
            reading = shipped.read(as_film(drawn_lateral(seed)))
            assert reading.population is not CHILD, (seed, reading)
            assert reading.reasons
