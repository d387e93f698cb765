"""The rules of the house: which way imports point, what the app may need, and every word twice."""

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from core.messages.catalogue import DEFAULT_LANGUAGE, LANGUAGES, best_language, catalogue, text
from tests.support.sources import APP_MODULES, CORE, PAGES, REPOSITORY, name_of

FLOORS = (
    *("messages", "imaging metrics", "data archive", "models", "results", "inference"),
    *("evaluation", "training", "reporting", "ui api", "cli"),
)
"""The rooms of core, the bottom first; a room imports from the floors below it alone."""


def imports_of(file: Path) -> set[str]:
    """The modules that a file imports, wherever in it: ``core.imaging.read`` and so on."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            modules.add(str(node.module))
            if node.module == "core":
                modules |= {f"core.{alias.name}" for alias in node.names}
    return modules


class TestImports:
    @pytest.mark.parametrize("file", CORE, ids=name_of)
    def test_they_point_down(self, file: Path) -> None:
        floor = {room: n for n, rooms in enumerate(FLOORS) for room in rooms.split()}
        name = name_of(file)
        for module in imports_of(file):
            own, other = (each.split(".")[1:2] for each in (name, module))
            above = own in ([], ["__main__"])
            if module.startswith("core.") and not above and module != "core.__version__":
                assert own == other or floor[other[0]] < floor[own[0]], f"{name} imports {module}"

    def test_core_has_no_loose_modules(self) -> None:
        loose = {name_of(file) for file in CORE if len(file.relative_to(REPOSITORY).parts) == 2}
        assert loose == {"core", "core.__main__"}

    def test_only_the_streamlit_layer_knows_of_streamlit(self) -> None:
        knowing = {name_of(file) for file in CORE if "streamlit" in tops(imports_of(file))}
        assert knowing
        assert all(name.startswith("core.ui") for name in knowing), knowing

    @pytest.mark.parametrize("file", PAGES, ids=name_of)
    def test_pages_only_draw(self, file: Path) -> None:
        for module in imports_of(file):
            assert module.split(".")[0] not in ("torch", "torchvision", "PIL", "pydicom"), module
            assert not re.match(
                r"core\.(training|cli|inference\.explanations|models\.|data\.dataset)", module
            )

    def test_only_training_knows_of_lightning(self) -> None:
        needing = {"pytorch_lightning", "lightning_fabric", "torchmetrics"}
        knowing = {name_of(file) for file in CORE if needing & tops(imports_of(file))}
        rooms = ("core.training.", "core.evaluation.generator.", "core.cli.train")
        assert all(name.startswith(rooms) for name in knowing), knowing


def tops(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


def test_the_app_runs_without_what_only_training_needs(app_python: ForkServerContext) -> None:
    """requirements.txt leaves Lightning out: everything but training imports without it."""
    process = app_python.Process(target=import_without_lightning, args=(APP_MODULES,))
    process.start()
    process.join(timeout=90)
    assert process.exitcode == 0


def import_without_lightning(modules: list[str]) -> None:
    """Import modules where Lightning cannot be imported, and has not been."""
    for name in ("pytorch_lightning", "lightning_fabric", "torchmetrics"):
        assert name not in sys.modules, name
        sys.modules[name] = None  # type: ignore[assignment]  # importing it is an ImportError now
    for name in modules:
        import_module(name)


def placeholders(template: str) -> set[str]:
    """The values that a template names."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


class TestCatalogue:
    def test_every_language_has_every_key(self) -> None:
        keys = {language: set(catalogue(language)) for language in LANGUAGES}
        for language, theirs in keys.items():
            assert theirs == keys[DEFAULT_LANGUAGE], language

    @pytest.mark.parametrize("key", catalogue(DEFAULT_LANGUAGE))
    def test_every_language_fills_in_the_same_values(self, key: str) -> None:
        named = {language: placeholders(catalogue(language)[key]) for language in LANGUAGES}
        for language, theirs in named.items():
            assert theirs == named[DEFAULT_LANGUAGE], language

    def test_nothing_is_left_empty(self) -> None:
        for language in LANGUAGES:
            assert [key for key, words in catalogue(language).items() if not words.strip()] == []

    def test_every_key_in_the_code_is_in_the_catalogue(self) -> None:
        keys = set(catalogue(DEFAULT_LANGUAGE))
        for place, pattern in patterns_in_code():
            assert any(pattern.fullmatch(key) for key in keys), f"{place}: {pattern.pattern}"

    def test_every_key_in_the_catalogue_is_in_the_code(self) -> None:
        patterns = [pattern for _, pattern in patterns_in_code()]
        unused = [
            key
            for key in catalogue(DEFAULT_LANGUAGE)
            if not any(pattern.fullmatch(key) for pattern in patterns)
        ]
        assert unused == []

    def test_an_unknown_key_language_or_value_is_an_error(self) -> None:
        for language, key in (("en", "frame.nothing"), ("fr", "frame.title")):
            with pytest.raises(KeyError):
                text(language, key)
        with pytest.raises(KeyError, match="file"):
            text("en", "errors.film_missing", folder="x")

    @pytest.mark.parametrize(
        ("accepted", "language"),
        [
            ("ko", "ko"),
            ("ko-KR", "ko"),
            ("fr-FR,ko;q=0.8,en;q=0.5", "ko"),
            ("en-GB,ko", "en"),
            ("fr", "en"),
            ("", "en"),
            (None, "en"),
        ],
    )
    def test_the_browser_chooses_the_language(self, accepted: str | None, language: str) -> None:
        assert best_language(accepted) == language


FILE_ENDINGS = (".png", ".csv", ".json", ".toml", ".css")


def patterns_in_code() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every string of the code that can be a catalogue key; an f-string's holes match one name."""
    rooms = "|".join({key.split(".")[0] for key in catalogue(DEFAULT_LANGUAGE)})
    is_key = re.compile(rf"({rooms})(\.(\w|\[\^\.\]\+)+)+")
    for file in (*CORE, *PAGES):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inside = {id(part) for node in ast.walk(tree) for part in getattr(node, "values", [])}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                shape = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "[^.]+"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and id(node) not in inside:
                shape = str(node.value)
            else:
                continue
            if is_key.fullmatch(shape) and not shape.endswith(FILE_ENDINGS):
                pattern = re.compile(shape.replace(".", r"\.").replace(r"[^\.]+", r"[^.]+"))
                yield f"{file.name}:{node.lineno}", pattern


def test_no_text_names_a_place_on_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    machine_path = re.compile(r"(?<![\w.:])/(work|home|root|Users|mnt)/\w")
    named = []
    for name in filter(None, listed):
        file = REPOSITORY / name
        if not file.is_file() or b"\0" in (data := file.read_bytes()):
            continue
        if machine_path.search(data.decode("utf-8", "replace")):
            named.append(name)
    assert named == []
