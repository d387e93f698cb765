"""Every error that a person can meet, each with a catalogue key and the values it fills in.

ReadingRoomError
├── FilmError               a file that cannot be read as a chest film
│   ├── FilmMissing         no file at that path, or one that may not be opened
│   ├── EmptyFile           no bytes at all
│   ├── FileTooLarge        over the upload limit
│   ├── UnknownFormat       neither a supported picture nor DICOM (by content, not by name)
│   ├── TruncatedFile       a supported format whose data end early or are damaged
│   ├── UnreadableFile      anything else, unforeseen, with a code to report
│   ├── UnsupportedPicture  a picture of a supported format in a form that is not read
│   ├── AnimatedFile        more than one frame
│   ├── ImageTooSmall       a side under the smallest that can be read
│   ├── ImageTooLarge       more pixels than any film has
│   ├── ColourPhotograph    a colour picture, not a radiograph
│   ├── FlatImage           (nearly) every pixel the same
│   ├── NoPixelData         a DICOM object without an image
│   ├── UnsupportedDicom    a compression or pixel format that cannot be decoded
│   ├── WrongModality       a DICOM image that is no plain radiograph (CT, MR, ...)
│   ├── NotAChestFilm       a picture that plainly shows no frontal chest film
│   ├── SameFile            a file that is in the list already
│   └── ArchiveError        a ZIP of films, or a file in it, that is not opened
│       ├── ArchiveDamaged  its directory or the file's data are damaged
│       ├── ArchiveTooLarge more files or bytes, packed or unpacked, than are read
│       ├── ArchiveClosed   encrypted, or packed in a way that is not read
│       ├── ArchiveInside   an archive inside the archive
│       ├── ArchiveOutside  a file whose path leads out of the archive
│       ├── ArchiveLink     a link to another file
│       └── ArchiveEmpty    no film in it
├── WeightsError            weights that cannot be trusted
│   ├── WeightsMissing      the file is not there
│   ├── WeightsDamaged      the file's sha256 is not the one on its card
│   ├── WeightsMismatch     the file holds weights of another architecture, or none
│   └── UnknownModel        no card of that name
├── DataError               a training folder that cannot be trained on
│   ├── FolderMissing       the folder or one of its splits is not there
│   ├── ClassEmpty          a class without a single film
│   ├── FilmUnreadable      a film of the folder cannot be read
│   ├── TooFewPatients      fewer patients of a class than folds
│   ├── PatientOnBothSides  a patient in training and validation at once
│   ├── DataDiffers         a run goes with other films than the folder's
│   └── SyntheticMissing    fewer synthetic films have been drawn than a run adds
└── RunError                a run folder that cannot be used
    ├── RunMissing          there is no run of that name
    ├── RunExists           a finished run of that name is already there
    ├── RunDiffers          an unfinished run of that name has other settings
    ├── HeldOutDiffers      runs that belong together held out different films
    ├── StressMissing       a run has not been measured under stress
    ├── SelectionMissing    no record says that these runs were chosen
    ├── SelectionNotCommitted  the record of the choice is not in the repository's history
    ├── EvaluationMissing   a model has not been measured on a set as it is now
    ├── StudyIncomplete     runs of a study are not finished
    ├── StudyMeasured       a study has had its look at the test films
    ├── LogitsMissing       a run of a study has not read the test films
    └── StudyRunning        another process trains studies in the same folder of results
"""

from typing import ClassVar

from core.messages.catalogue import DEFAULT_LANGUAGE, text


class ReadingRoomError(Exception):
    """An error with a translated message. ``str(error)`` is the English one.

    Args:
        **details: The values that the message's template names.
    """

    key: ClassVar[str]

    def __init__(self, **details: object) -> None:
        super().__init__(details)
        self.details = details

    def message(self, language: str) -> str:
        """What went wrong and what to do about it, in one language."""
        return text(language, self.key, **self.details)

    def __str__(self) -> str:
        return self.message(DEFAULT_LANGUAGE)


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


class ArchiveError(FilmError):
    """A ZIP of films, or a file in it, is not opened."""


class ArchiveDamaged(ArchiveError):
    """The archive's directory or the data of a file in it are damaged."""

    key = "worklist.error.archive_damaged"


class ArchiveTooLarge(ArchiveError):
    """More than is read. Details: ``packed_gb``, ``unpacked_gb``, ``ratio``, ``files``."""

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


class WeightsError(ReadingRoomError):
    """A model's weights cannot be trusted."""


class WeightsMissing(WeightsError):
    """The weights file is not there. Details: ``file``."""

    key = "errors.weights.missing"


class WeightsDamaged(WeightsError):
    """The weights file is not the one that its card names. Details: ``file``."""

    key = "errors.weights.damaged"


class WeightsMismatch(WeightsError):
    """The file does not hold the architecture's weights. Details: ``file``, ``architecture``."""

    key = "errors.weights.mismatch"


class UnknownModel(WeightsError):
    """There is no model of that name. Details: ``name``, ``known``."""

    key = "errors.weights.unknown"


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


class RunError(ReadingRoomError):
    """A run folder cannot be used."""


class RunMissing(RunError):
    """There is no such run. Details: ``folder``."""

    key = "errors.run.missing"


class RunExists(RunError):
    """A finished run of that name exists. Details: ``folder``."""

    key = "errors.run.exists"


class RunDiffers(RunError):
    """An unfinished run of that name has other settings. Details: ``folder``, ``settings``."""

    key = "errors.run.differs"


class HeldOutDiffers(RunError):
    """Runs that belong together held out different films. Details: ``runs``."""

    key = "errors.run.held_out_differs"


class StressMissing(RunError):
    """A run has not been measured under stress. Details: ``run``."""

    key = "errors.run.stress_missing"


class SelectionMissing(RunError):
    """No record says that these runs were chosen. Details: ``runs``."""

    key = "errors.run.selection_missing"


class SelectionNotCommitted(RunError):
    """The record of the choice is not committed as it stands. Details: ``file``."""

    key = "errors.run.selection_not_committed"


class EvaluationMissing(RunError):
    """A model has not been measured on a set as it is now. Details: ``model``, ``dataset``."""

    key = "errors.run.evaluation_missing"


class StudyIncomplete(RunError):
    """Runs of a study are not finished. Details: ``study``, ``left``, ``runs``."""

    key = "errors.run.study_incomplete"


class StudyMeasured(RunError):
    """All runs of a study have been measured on the test films. Details: ``study``."""

    key = "errors.run.study_measured"


class LogitsMissing(RunError):
    """A run of a study has not read the test films. Details: ``run``."""

    key = "errors.run.logits_missing"


class StudyRunning(RunError):
    """Another process trains studies in the same folder of results. Details: ``folder``."""

    key = "errors.run.study_running"
