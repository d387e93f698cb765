"""The container's files: they name what exists, and pin what requirements.txt pins."""

import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.sources import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
IMAGE = (DEPLOY / "Containerfile").read_text()
COMPOSE = DEPLOY / "compose.yaml"


def pins(file: Path) -> dict[str, str]:
    """The exact versions that a requirements file pins."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", file.read_text(), re.MULTILINE))


def copied() -> set[str]:
    """What the image is made of, without what an earlier stage gives."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", IMAGE, re.MULTILINE)
    return {name for line in lines for name in line.split()[:-1]}


def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


class TestLock:
    def test_it_has_the_versions_of_the_app(self) -> None:
        locked = pins(DEPLOY / "requirements.lock")
        wanted = pins(REPOSITORY / "requirements.txt")
        assert wanted
        assert {name: locked.get(name) for name in wanted} == wanted

    def test_every_package_has_hashes_and_no_index_is_named(self) -> None:
        text = (DEPLOY / "requirements.lock").read_text()
        blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert len(blocks) == len(pins(DEPLOY / "requirements.lock"))
        assert all("--hash=sha256:" in block for block in blocks)
        assert "://" not in text

    def test_it_leaves_cuda_out(self) -> None:
        left_out = ("nvidia", "cuda", "triton")
        assert not [
            name for name in pins(DEPLOY / "requirements.lock") if name.startswith(left_out)
        ]


class TestImage:
    def test_all_that_is_copied_exists_and_reaches_the_builder(self) -> None:
        kept = {
            line[1:]
            for line in (REPOSITORY / ".dockerignore").read_text().splitlines()
            if line.startswith("!")
        }
        for name in copied():
            assert (REPOSITORY / name).exists(), name
            assert name.split("/")[0] in kept, f"{name} is kept from the builder"

    def test_it_has_all_folders_that_the_code_is_made_of(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout
        tops = {name.split("/")[0] for name in listed.splitlines()}
        only_here = ("tests", "docs", "README*", "requirements*", "*.md", "*.toml", "*.cff")
        rest = {top for top in tops if not any(fnmatch(top, each) for each in only_here)}
        assert rest - {".ci", ".github", ".gitignore", ".dockerignore", "Makefile"} <= copied()

    def test_it_runs_as_nobody_in_particular_and_tells_its_health(self) -> None:
        assert re.search(r"^USER \d+:\d+$", IMAGE, re.MULTILINE)
        assert "/api/health" in IMAGE
        command = json.loads(re.findall(r"^CMD (.+)$", IMAGE, re.MULTILINE)[-1])
        assert command == ["python", "-m", "core", "serve", "--server.address", "0.0.0.0"]
        assert "--require-hashes" in IMAGE

    def test_mercure_runs_a_file_of_it(self) -> None:
        text = (DEPLOY / "mercure" / "Containerfile").read_text()
        (entry,) = json.loads(re.findall(r"^CMD (.+)$", text, re.MULTILINE)[0])
        file = REPOSITORY / Path(entry).relative_to("/app")
        assert file.stat().st_mode & 0o111


class TestCompose:
    def test_the_files_that_it_names_exist(self) -> None:
        build = services()["app"]["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
        mounted, _, mode = services()["orthanc"]["volumes"][0].split(":")
        assert json.loads((DEPLOY / mounted).read_text())["AuthenticationEnabled"] is True
        assert mode == "ro"
        assert (REPOSITORY / services()["reader"]["command"][1]).is_file()

    @pytest.mark.parametrize("name", ["app", "reader"])
    def test_the_app_can_write_nowhere_but_in_memory(self, name: str) -> None:
        service = services()[name]
        assert service["read_only"] is True
        assert [each.split(":")[0] for each in service["tmpfs"]] == ["/tmp"]
        assert "volumes" not in service
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]

    def test_what_has_no_login_is_open_to_this_machine_alone(self) -> None:
        for service in services().values():
            for port in service.get("ports", []):
                assert port.startswith("127.0.0.1:") or port == "4242:4242"

    def test_the_reader_reaches_orthanc_and_nothing_else(self) -> None:
        compose = yaml.safe_load(COMPOSE.read_text())
        assert compose["services"]["reader"]["networks"] == ["films"]
        assert compose["networks"]["films"]["internal"] is True
