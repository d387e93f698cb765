"""Uploads stay in memory: without this, the server spools films of over a megabyte to disk."""

from starlette.formparsers import MultiPartParser

_NEVER_BYTES = 2**40


def keep_uploads_in_memory() -> None:
    """Let no upload touch the disk on its way in; Streamlit's limit bounds its size before that."""
    MultiPartParser.spool_max_size = _NEVER_BYTES
