"""Runs of studies, packed: ``results/studies/STUDY.zip`` holds the folders of a study's runs.

Nobody reads hundreds of small files one by one. A run's folder in ``results/runs/STUDY`` comes
before its place in the pack, so a run that is trained again is the one that is read.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SUMMARY = "run.json"
PACKS = "studies"
PACKED_FILES = (SUMMARY, "history.csv", "predictions.csv", "test_logits.csv", "stress.csv")
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same files always make the same pack


def pack_file(study: str, results: Path) -> Path:
    """Where a study's pack is."""
    return results / PACKS / f"{study}.zip"


def run_file(folder: Path, name: str) -> bytes | None:
    """A file of a run, from its folder or from its study's pack; None where neither has it.

    Args:
        folder: ``results/runs/NAME``, or ``results/runs/STUDY/VARIANT@SEED``.
        name: The file's.
    """
    if (folder / name).is_file():
        return (folder / name).read_bytes()
    if len(folder.parents) < 3:
        return None
    pack = pack_file(folder.parent.name, folder.parents[2])
    if not pack.is_file():
        return None
    with ZipFile(pack) as files:
        member = f"{folder.name}/{name}"
        return files.read(member) if member in files.namelist() else None


def study_summaries(results: Path) -> dict[str, Mapping[str, Any]]:
    """run.json of every finished run of a study, by the run's whole name, in its order."""
    found = packed_summaries(results)
    for summary in (results / "runs").glob(f"*/*/{SUMMARY}"):
        name = summary.parent.relative_to(results / "runs").as_posix()
        found[name] = json.loads(summary.read_text(encoding="utf-8"))
    return dict(sorted(found.items()))


def packed_summaries(results: Path) -> dict[str, Mapping[str, Any]]:
    """run.json of every packed run, by the run's whole name."""
    found: dict[str, Mapping[str, Any]] = {}
    for pack in (results / PACKS).glob("*.zip"):
        with ZipFile(pack) as files:
            for member in files.namelist():
                run, _, file = member.partition("/")
                if file == SUMMARY:
                    found[f"{pack.stem}/{run}"] = json.loads(files.read(member))
    return found


def pack_study(study: str, results: Path) -> tuple[str, ...]:
    """Move the run folders of a study that were measured on the test films into its pack.

    Weights are not packed: they stay where they are.

    Args:
        study: The study's name.
        results: Folder of results.

    Returns:
        The runs that were packed, as ``VARIANT@SEED``.
    """
    folders = sorted(file.parent for file in (results / "runs" / study).glob(f"*/{SUMMARY}"))
    ready = [folder for folder in folders if "test" in _summary(folder)["metrics"]]
    if not ready:
        return ()
    pack = pack_file(study, results)
    content = _content(pack)
    for folder in ready:
        kept = [name for name in PACKED_FILES if (folder / name).is_file()]
        content |= {f"{folder.name}/{name}": (folder / name).read_bytes() for name in kept}
    pack.parent.mkdir(parents=True, exist_ok=True)
    draft = pack.with_name(f".{pack.name}.{uuid4().hex}.draft")
    with ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=9) as files:
        for name, data in sorted(content.items()):
            files.writestr(ZipInfo(name, _WHEN), data, ZIP_DEFLATED, 9)
    draft.replace(pack)
    for folder in ready:
        for name in PACKED_FILES:
            (folder / name).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            shutil.rmtree(folder)
    return tuple(folder.name for folder in ready)


def _content(pack: Path) -> dict[str, bytes]:
    if not pack.is_file():
        return {}
    with ZipFile(pack) as files:
        return {name: files.read(name) for name in files.namelist()}


def _summary(folder: Path) -> Mapping[str, Any]:
    summary: Mapping[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return summary
