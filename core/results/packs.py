"""Runs of studies, packed: ``results/studies/STUDY.tar.xz`` holds the folders of a study's runs.

Nobody reads hundreds of small files one by one, and files that name the same films compress well
together. A run's folder in ``results/runs/STUDY`` comes before its place in the pack, so a run
that is trained again is the one that is read.
"""

import json
import shutil
import tarfile
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

SUMMARY = "run.json"
PACKS = "studies"
PACKED_FILES = (SUMMARY, "history.csv", "predictions.csv", "test_logits.csv", "stress.csv")
_SUFFIX = ".tar.xz"


def pack_file(study: str, results: Path) -> Path:
    """Where a study's pack is."""
    return results / PACKS / f"{study}{_SUFFIX}"


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
    return _content(pack_file(folder.parent.name, folder.parents[2])).get(f"{folder.name}/{name}")


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
    for pack in (results / PACKS).glob(f"*{_SUFFIX}"):
        study = pack.name.removesuffix(_SUFFIX)
        for member, data in _content(pack).items():
            run, _, file = member.partition("/")
            if file == SUMMARY:
                found[f"{study}/{run}"] = json.loads(data)
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
    content = dict(_content(pack))
    for folder in ready:
        kept = [name for name in PACKED_FILES if (folder / name).is_file()]
        content |= {f"{folder.name}/{name}": (folder / name).read_bytes() for name in kept}
    _write(pack, content)
    for folder in ready:
        for name in PACKED_FILES:
            (folder / name).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            shutil.rmtree(folder)
    return tuple(folder.name for folder in ready)


def _write(pack: Path, content: Mapping[str, bytes]) -> None:
    """Write a pack, which readers never see half written; files of one name lie side by side."""
    pack.parent.mkdir(parents=True, exist_ok=True)
    draft = pack.with_name(f".{pack.name}.{uuid4().hex}.draft")
    with tarfile.open(draft, "w:xz", preset=9) as files:
        for name in sorted(content, key=lambda name: (name.partition("/")[2], name)):
            member = tarfile.TarInfo(name)  # without a time: the same files make the same pack
            member.size = len(content[name])
            files.addfile(member, BytesIO(content[name]))
    draft.replace(pack)


def _content(pack: Path) -> Mapping[str, bytes]:
    """Every file of a pack by its name, ``VARIANT@SEED/FILE``; none where there is no pack."""
    return _unpacked(pack, pack.stat().st_mtime_ns) if pack.is_file() else {}


@lru_cache(maxsize=16)
def _unpacked(pack: Path, _changed_ns: int) -> Mapping[str, bytes]:
    with tarfile.open(pack, "r:xz") as files:
        return {
            member.name: data.read()
            for member in files
            if (data := files.extractfile(member)) is not None
        }


def _summary(folder: Path) -> Mapping[str, Any]:
    summary: Mapping[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return summary
