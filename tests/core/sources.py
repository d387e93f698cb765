"""The source files, and the names of their modules."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CORE = sorted((REPOSITORY / "core").rglob("*.py"))
PAGES = [REPOSITORY / "app.py", *sorted((REPOSITORY / "pages").glob("*.py"))]


def name_of(file: Path) -> str:
    """``core.film.read`` of core/film/read.py, ``core.film`` of core/film/__init__.py."""
    return ".".join(file.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


APP_MODULES = [
    name for name in map(name_of, CORE) if not name.startswith(("core.train", "core.generate"))
]
"""Everything that runs without what only training needs."""
