"""Files that cannot be read as a chest film."""

from core.messages.errors.base import ReadingRoomError


class FilmError(ReadingRoomError):
    """A file cannot be read as a chest film."""


class FilmMissing(FilmError):
    """There is no file, or it may not be opened. Details: ``file``."""

    key = "errors.film_missing"


class EmptyFile(FilmError):
    """The file has no bytes."""

    key = "film.error.empty"


class FileTooLarge(FilmError):
    """The file is over the upload limit. Details: ``size_mb``, ``limit_mb``."""

    key = "film.error.file_too_large"


class UnknownFormat(FilmError):
    """The bytes are neither a supported picture nor DICOM."""

    key = "film.error.unknown_format"


class TruncatedFile(FilmError):
    """The data end early or are damaged. Details: ``format``."""

    key = "film.error.truncated"


class UnreadableFile(FilmError):
    """The file cannot be read for a reason that nothing foresaw. Details: ``format``, ``code``."""

    key = "film.error.unreadable"


class NoMemory(FilmError):
    """There is not enough memory to read the film now; the file may be sound."""

    key = "film.error.no_memory"


class DecoderStopped(FilmError):
    """The process that decodes the film was killed; the file may be sound."""

    key = "film.error.decoder_stopped"


class UnsupportedPicture(FilmError):
    """A form of a picture format that is not read. Details: ``format``, ``what``."""

    key = "film.error.unsupported_picture"


class AnimatedFile(FilmError):
    """The file holds several frames. Details: ``format``, ``frames``."""

    key = "film.error.animated"


class ImageTooSmall(FilmError):
    """A side is too short. Details: ``width``, ``height``, ``minimum``."""

    key = "film.error.too_small"


class ImageTooLarge(FilmError):
    """More pixels than a film has. Details: ``width``, ``height``, ``limit_megapixels``."""

    key = "film.error.too_large"


class DecodedTooLarge(FilmError):
    """Decoding takes too much memory. Details: ``width``, ``height``, ``size_mb``, ``limit_mb``."""

    key = "film.error.decoded_too_large"


class ColourPhotograph(FilmError):
    """The picture has colours that no radiograph has."""

    key = "film.error.colour"


class FlatImage(FilmError):
    """The picture has no contrast at all."""

    key = "film.error.flat"


class NoPixelData(FilmError):
    """The DICOM object carries no image."""

    key = "film.error.no_pixels"


class UnsupportedDicom(FilmError):
    """The DICOM image's compression or pixel format cannot be decoded. Details: ``what``."""

    key = "film.error.unsupported_dicom"


class WrongModality(FilmError):
    """The DICOM image is no plain radiograph. Details: ``modality``."""

    key = "film.error.wrong_modality"


class NotAChestFilm(FilmError):
    """The picture plainly shows no frontal chest film."""

    key = "gate.error.not_a_film"


class SameFile(FilmError):
    """The same bytes are in the list already. Details: ``number``."""

    key = "worklist.error.same_file"


class UploadsFull(FilmError):
    """No more files are kept. Details: ``size_mb``, ``limit_mb``."""

    key = "worklist.error.uploads_full"


class SessionsFull(FilmError):
    """All sessions together keep as much as the server has room for. Details: ``size_mb``."""

    key = "worklist.error.sessions_full"


class ArchiveError(FilmError):
    """A ZIP of films, or a file in it, is not opened."""


class ArchiveDamaged(ArchiveError):
    """The archive's directory or the data of a file in it are damaged."""

    key = "worklist.error.archive_damaged"


class ArchiveTooLarge(ArchiveError):
    """More than is read. Details: ``packed_mb``, ``unpacked_gb``, ``ratio``, ``files``."""

    key = "worklist.error.archive_too_large"


class ArchiveClosed(ArchiveError):
    """A file is encrypted, or packed by something else than deflate."""

    key = "worklist.error.archive_closed"


class ArchiveInside(ArchiveError):
    """An archive lies inside the archive."""

    key = "worklist.error.archive_inside"


class ArchiveOutside(ArchiveError):
    """A file's path leads out of the archive."""

    key = "worklist.error.archive_outside"


class ArchiveLink(ArchiveError):
    """A file is a link to another."""

    key = "worklist.error.archive_link"


class ArchiveEmpty(ArchiveError):
    """No file of the archive is a film."""

    key = "worklist.error.archive_empty"
