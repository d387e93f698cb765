"""One command line: it lists its commands, and each tells its options."""

import re
import subprocess
import sys

import pytest

from core.__main__ import COMMANDS, main
from core.cli.help_page import help_page
from core.cli.readme import HELP_PAGE
from core.training.experiments.studies import STUDIES
from tests.support.sources import CORE, REPOSITORY, name_of


def test_without_a_command_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, words in COMMANDS.items():
        assert any(line.split(maxsplit=1) == [name, words] for line in lines), name


def test_every_module_of_the_command_line_is_a_command() -> None:
    modules = {name_of(file) for file in CORE if name_of(file).startswith("core.cli.")}
    commands = {f"core.cli.{name.replace('-', '_')}" for name in COMMANDS}
    assert modules - {"core.cli.options", "core.cli.help_page"} == commands


@pytest.mark.parametrize("name", COMMANDS)
def test_each_tells_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith(f"usage: python -m core {name}")
    assert "--help" in told


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tarin"]) == 2
    told = capsys.readouterr().err
    assert "no command tarin" in told
    assert "train " in told


def test_a_command_is_imported_only_when_it_runs() -> None:
    code = (
        "import sys, core.__main__ as m; m.main([]); "
        "assert not [name for name in sys.modules if name.startswith('core.cli')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY, capture_output=True)
    ended = subprocess.run(
        [sys.executable, "-m", "core", "predict"], cwd=REPOSITORY, capture_output=True, check=False
    )
    assert ended.returncode == 2
    assert b"python -m core predict" in ended.stderr


def test_studies_that_documents_and_makefile_train_are_there() -> None:
    files = [REPOSITORY / "Makefile", *REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]
    named = {
        name
        for file in files
        for name in re.findall(
            r"(?:core study |STUDY=|STUDY \?= )([a-z][a-z-]+)", file.read_text(encoding="utf-8")
        )
    }
    assert named
    assert named <= set(STUDIES)


def test_the_page_of_the_command_line_is_what_the_commands_say() -> None:
    assert HELP_PAGE.read_text(encoding="utf-8") == help_page(), "run python -m core readme"
