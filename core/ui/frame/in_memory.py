"""Uploads stay in memory, and no longer than they are in a list.

Without this, the server spools films of over a megabyte to disk, and keeps the files of an uploader
that is gone as long as its tab.
"""

from collections.abc import Iterable

from starlette.formparsers import MultiPartParser
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

_NEVER_BYTES = 2**40


def keep_uploads_in_memory() -> None:
    """Let no upload touch the disk on its way in; Streamlit's limit bounds its size before that."""
    MultiPartParser.spool_max_size = _NEVER_BYTES


def forget_uploads(uploads: Iterable[str]) -> None:
    """Let the server forget files of this session.

    Args:
        uploads: Their identities; those that the server does not have are passed over.
    """
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for upload in uploads:
            context.uploaded_file_mgr.remove_file(context.session_id, upload)
