"""Data folders that cannot be used."""

from core.messages.errors.base import ReadingRoomError


class DataError(ReadingRoomError):
    """A data folder cannot be used."""


class FolderMissing(DataError):
    """A folder is not there. Details: ``folder``."""

    key = "errors.data.folder_missing"


class ClassEmpty(DataError):
    """A class has no film. Details: ``label``, ``folder``."""

    key = "errors.data.class_empty"


class FilmUnreadable(DataError):
    """A film of the folder cannot be read. Details: ``file``, ``reason``."""

    key = "errors.data.film_unreadable"


class TooFewPatients(DataError):
    """A class has fewer patients than folds. Details: ``label``, ``patients``, ``folds``."""

    key = "errors.data.too_few_patients"


class PatientOnBothSides(DataError):
    """A patient is in training and validation at once. Details: ``patients``."""

    key = "errors.data.patient_on_both_sides"


class DataDiffers(DataError):
    """A run goes with other films than those of the folder. Details: ``run``."""

    key = "errors.data.differs"


class SyntheticMissing(DataError):
    """Too few synthetic films have been drawn. Details: label, wanted, there, folder."""

    key = "errors.data.synthetic_missing"


class LabelsError(DataError):
    """A site's table of labels cannot be used. Details: ``file``, and what ``key`` names."""


class LabelsUnreadable(LabelsError):
    """It is no CSV file, lacks a column, or is empty. Details: ``file``."""

    key = "errors.labels.unreadable"


class LabelsRow(LabelsError):
    """A row cannot be used. Details: ``file``, ``line``, ``column``."""

    key = "errors.labels.row"


class LabelsTwice(LabelsError):
    """A film is listed twice. Details: ``file``, ``line``."""

    key = "errors.labels.twice"


class TooFewFilms(DataError):
    """Too few films of a class to fit on.

    Details: ``label``, ``films``, ``patients``, ``fewest``, ``fewest_patients``.
    """

    key = "errors.labels.too_few"
