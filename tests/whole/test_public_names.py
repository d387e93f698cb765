"""What the package offers to Python, and the README's lines that use it."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import load_model, read_film
from core.data.labels import Verdict
from core.data.samples import GALLERY_FOLDER
from core.inference.gate import GATE_VARIABLE
from core.messages.errors import FilmError, FilmMissing, NotAChestFilm, UnknownModel
from tests.support.phantoms import encode, write_dicom
from tests.support.sources import REPOSITORY

FILMS = sorted(GALLERY_FOLDER.glob("*/*.png"))


@pytest.fixture
def film_file(tmp_path: Path) -> Path:
    """A synthetic film as a DICOM file."""
    pixels = np.asarray(Image.open(FILMS[0]).convert("L")).astype(np.uint16) * 16
    file = tmp_path / "film.dcm"
    file.write_bytes(write_dicom(pixels, bits=12))
    return file


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_lines_of_the_readme_run_as_they_stand(
    name: str, film_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (REPOSITORY / name).read_text(encoding="utf-8")
    snippet = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(snippet) == 1
    monkeypatch.chdir(film_file.parent)
    names: dict[str, object] = {}
    exec(snippet[0], names)
    assert names["diagnosis"].verdict in Verdict  # type: ignore[attr-defined]


def test_a_diagnosis_says_all_and_draws_itself(film_file: Path) -> None:
    film = read_film(film_file)
    diagnosis = load_model().diagnose(film)
    assert 0 <= diagnosis.probability <= 1
    assert diagnosis.review[0] <= diagnosis.review[1]
    assert 0 < diagnosis.threshold < 1
    picture = diagnosis.overlay()
    assert picture.dtype == np.uint8
    assert picture.shape == (*film.pixels.shape, 3)
    assert diagnosis.heatmap.evidence.max() > 0
    with pytest.raises(ValueError, match="without its film"):
        diagnosis.without_film().overlay()


def test_a_path_and_its_bytes_are_the_same_film(film_file: Path) -> None:
    by_path, by_bytes = read_film(str(film_file)), read_film(film_file.read_bytes())
    assert by_path.sha256 == by_bytes.sha256
    np.testing.assert_array_equal(by_path.pixels, by_bytes.pixels)


def test_what_is_no_film_is_a_film_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random: np.random.Generator
) -> None:
    with pytest.raises(FilmMissing):
        read_film(tmp_path / "nowhere.dcm")
    with pytest.raises(FilmMissing):
        read_film(tmp_path)
    with pytest.raises(FilmError):
        read_film(b"no film")
    monkeypatch.setenv(GATE_VARIABLE, "on")
    noise = random.integers(0, 256, (400, 400)).astype(np.uint8)
    with pytest.raises(NotAChestFilm):
        read_film(encode(noise, "PNG"))


def test_an_unknown_model_is_told() -> None:
    with pytest.raises(UnknownModel):
        load_model("nothing")


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "{'torch', 'numpy', 'pydicom', 'streamlit', 'PIL'} & set(sys.modules)"
    code = f"import sys, core, core.__main__; assert not ({heavy}), {heavy}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)


def test_the_server_starts_without_what_few_films_need() -> None:
    late = "{'highdicom', 'pandas', 'reportlab', 'scipy.stats', 'sklearn', 'torch._dynamo'}"
    code = (
        "import sys; from core.ui.frame.serve import warm_up; warm_up()\n"
        f"assert 'core.ui.diagnosis' in sys.modules; assert not {late} & set(sys.modules)\n"
        "import torch._dynamo; assert torch._dynamo.config"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)
