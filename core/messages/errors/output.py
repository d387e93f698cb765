"""What was made and cannot be written."""

from core.messages.errors.base import ReadingRoomError


class OutputError(ReadingRoomError):
    """Something that was asked for is not on the disk."""


class NotWritten(OutputError):
    """A file is not there. Details: ``file``, ``reason``."""

    key = "errors.output.not_written"


class TableCutShort(OutputError):
    """A table lacks its last rows. Details: ``file``, ``reason``, ``written``, ``rows``."""

    key = "errors.output.table_cut_short"
