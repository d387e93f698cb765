"""The source files, and the names of their modules."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CORE = sorted((REPOSITORY / "core").rglob("*.py"))
PAGES = [REPOSITORY / "app.py", *sorted((REPOSITORY / "pages").glob("*.py"))]


def name_of(file: Path) -> str:
    """``core.imaging.read`` of core/imaging/read.py, ``core.imaging`` of core/imaging.py."""
    return ".".join(file.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


_TRAINING = ("core.training.", "core.evaluation.generator", "core.cli.train", "core.cli.generate")
APP_MODULES = [
    name
    for name in map(name_of, CORE)
    if not name.startswith(_TRAINING) or name.startswith("core.training.experiments")
]
"""Everything that runs without what only training needs."""
