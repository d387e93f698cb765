"""Every error that a person can meet, each with a catalogue key and the values it fills in.

ReadingRoomError
├── FilmError               a file that cannot be read as a chest film
│   ├── FilmMissing         no file at that path, or one that may not be opened
│   ├── EmptyFile           no bytes at all
│   ├── FileTooLarge        over the upload limit
│   ├── UnknownFormat       neither a supported picture nor DICOM (by content, not by name)
│   ├── TruncatedFile       a supported format whose data end early or are damaged
│   ├── UnreadableFile      anything else, unforeseen, with a code to report
│   ├── NoMemory            not enough memory now
│   ├── DecoderStopped      the process that decodes it was killed
│   ├── UnsupportedPicture  a picture of a supported format in a form that is not read
│   ├── AnimatedFile        more than one frame
│   ├── ImageTooSmall       a side under the smallest that can be read
│   ├── ImageTooLarge       more pixels than any film has
│   ├── DecodedTooLarge     more memory to decode than is given to one film
│   ├── ColourPhotograph    a colour picture, not a radiograph
│   ├── FlatImage           (nearly) every pixel the same
│   ├── NoPixelData         a DICOM object without an image
│   ├── UnsupportedDicom    a compression or pixel format that cannot be decoded
│   ├── WrongModality       a DICOM image that is no plain radiograph (CT, MR, ...)
│   ├── NotAChestFilm       a picture that plainly shows no frontal chest film
│   ├── SameFile            a file that is in the list already
│   ├── UploadsFull         more than one session's files may take
│   ├── SessionsFull        more than all sessions' files may take together
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
│   ├── UnknownModel        no card of that name
│   └── SiteError           a site's profile that cannot be used
│       ├── SiteMissing     there is no such file
│       ├── SiteDamaged     it was changed since it was written, or is out of range
│       └── SiteMismatch    it is for other weights
├── DataError               a training folder that cannot be trained on
│   ├── FolderMissing       the folder or one of its splits is not there
│   ├── ClassEmpty          a class without a single film
│   ├── FilmUnreadable      a film of the folder cannot be read
│   ├── TooFewPatients      fewer patients of a class than folds
│   ├── PatientOnBothSides  a patient in training and validation at once
│   ├── DataDiffers         a run goes with other films than the folder's
│   └── SyntheticMissing    fewer synthetic films have been drawn than a run adds
├── OutputError             what was made and cannot be written
│   ├── NotWritten          a file, or a picture of a film
│   └── TableCutShort       the last rows of a table
│   ├── SyntheticMissing    fewer synthetic films have been drawn than a run adds
│   ├── TooFewFilms         too few films of a class to fit a site's settings on
│   └── LabelsError         a site's table of labels that cannot be used
│       ├── LabelsUnreadable  it is no CSV file, or lacks a column
│       ├── LabelsRow       a row has a value that is not understood
│       └── LabelsTwice     a film is listed twice
├── RequestError            a request that the HTTP interface does not answer
│   ├── UnknownAddress      nothing at that address
│   ├── UnknownMethod       the address takes another method
│   ├── TokenNeeded         the token is missing or another
│   ├── UnknownPicture      no such picture of a reading
│   ├── UploadTooSlow       the body did not arrive in time
│   ├── TooManyReadings     as many requests as may wait do so already
│   ├── StillLoading        the default model is not loaded yet
│   └── Unforeseen          anything else
├── RemoteError             the DICOMweb archive did not do what it was asked
│   ├── RemoteMisconfigured the environment does not say how to reach it
│   ├── RemoteUnreachable   nothing answers
│   ├── RemoteUntrusted     its certificate cannot be verified
│   ├── RemoteTooSlow       no answer in time
│   ├── RemoteForbidden     it does not accept the login
│   ├── RemoteMissing       nothing at that address
│   ├── RemoteFailed        another error of its own
│   ├── RemoteStrange       an answer that is not DICOMweb
│   ├── RemoteTooLarge      an answer over the limit
│   ├── RemoteNotStored     not all that was sent is confirmed
│   └── RemoteNoStudy       a film that names no study for its results
└── RunError                a run folder that cannot be used
    ├── RunMissing          there is no run of that name
    ├── RunExists           a finished run of that name is already there
    ├── RunDiffers          an unfinished run of that name has other settings
    ├── HeldOutDiffers      runs that belong together held out different films
    ├── StressMissing       a run has not been measured under stress
    ├── FramingNotShipped   a run reads whole films, which no shipped model does
    ├── SelectionMissing    no record says that these runs were chosen
    ├── SelectionNotCommitted  the record of the choice is not in the repository's history
    ├── EvaluationMissing   a model has not been measured on a set as it is now
    ├── StudyIncomplete     runs of a study are not finished
    ├── StudyMeasured       a study has had its look at the test films
    ├── LogitsMissing       a run of a study has not read the test films
    └── StudyRunning        another process trains studies in the same folder of results
"""

from core.messages.errors.base import ReadingRoomError
from core.messages.errors.data import (
    ClassEmpty,
    DataDiffers,
    DataError,
    FilmUnreadable,
    FolderMissing,
    LabelsError,
    LabelsRow,
    LabelsTwice,
    LabelsUnreadable,
    PatientOnBothSides,
    SyntheticMissing,
    TooFewFilms,
    TooFewPatients,
)
from core.messages.errors.film import (
    AnimatedFile,
    ArchiveClosed,
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveError,
    ArchiveInside,
    ArchiveLink,
    ArchiveOutside,
    ArchiveTooLarge,
    ColourPhotograph,
    DecodedTooLarge,
    DecoderStopped,
    EmptyFile,
    FileTooLarge,
    FilmError,
    FilmMissing,
    FlatImage,
    ImageTooLarge,
    ImageTooSmall,
    NoMemory,
    NoPixelData,
    NotAChestFilm,
    SameFile,
    SessionsFull,
    TruncatedFile,
    UnknownFormat,
    UnreadableFile,
    UnsupportedDicom,
    UnsupportedPicture,
    UploadsFull,
    WrongModality,
)
from core.messages.errors.output import NotWritten, OutputError, TableCutShort
from core.messages.errors.remote import (
    RemoteError,
    RemoteFailed,
    RemoteForbidden,
    RemoteMisconfigured,
    RemoteMissing,
    RemoteNoStudy,
    RemoteNotStored,
    RemoteStrange,
    RemoteTooLarge,
    RemoteTooSlow,
    RemoteUnreachable,
    RemoteUntrusted,
)
from core.messages.errors.request import (
    RequestError,
    StillLoading,
    TokenNeeded,
    TooManyReadings,
    Unforeseen,
    UnknownAddress,
    UnknownMethod,
    UnknownPicture,
    UploadTooSlow,
)
from core.messages.errors.run import (
    EvaluationMissing,
    FramingNotShipped,
    HeldOutDiffers,
    LogitsMissing,
    RunDiffers,
    RunError,
    RunExists,
    RunMissing,
    SelectionMissing,
    SelectionNotCommitted,
    StressMissing,
    StudyIncomplete,
    StudyMeasured,
    StudyRunning,
)
from core.messages.errors.weights import (
    SiteDamaged,
    SiteError,
    SiteMismatch,
    SiteMissing,
    UnknownModel,
    WeightsDamaged,
    WeightsError,
    WeightsMismatch,
    WeightsMissing,
)

__all__ = [
    "AnimatedFile",
    "ArchiveClosed",
    "ArchiveDamaged",
    "ArchiveEmpty",
    "ArchiveError",
    "ArchiveInside",
    "ArchiveLink",
    "ArchiveOutside",
    "ArchiveTooLarge",
    "ClassEmpty",
    "ColourPhotograph",
    "DataDiffers",
    "DataError",
    "DecodedTooLarge",
    "DecoderStopped",
    "EmptyFile",
    "EvaluationMissing",
    "FileTooLarge",
    "FilmError",
    "FilmMissing",
    "FilmUnreadable",
    "FlatImage",
    "FolderMissing",
    "FramingNotShipped",
    "HeldOutDiffers",
    "ImageTooLarge",
    "ImageTooSmall",
    "LabelsError",
    "LabelsRow",
    "LabelsTwice",
    "LabelsUnreadable",
    "LogitsMissing",
    "NoMemory",
    "NoPixelData",
    "NotAChestFilm",
    "NotWritten",
    "OutputError",
    "PatientOnBothSides",
    "ReadingRoomError",
    "RemoteError",
    "RemoteFailed",
    "RemoteForbidden",
    "RemoteMisconfigured",
    "RemoteMissing",
    "RemoteNoStudy",
    "RemoteNotStored",
    "RemoteStrange",
    "RemoteTooLarge",
    "RemoteTooSlow",
    "RemoteUnreachable",
    "RemoteUntrusted",
    "RequestError",
    "RunDiffers",
    "RunError",
    "RunExists",
    "RunMissing",
    "SameFile",
    "SelectionMissing",
    "SelectionNotCommitted",
    "SessionsFull",
    "SiteDamaged",
    "SiteError",
    "SiteMismatch",
    "SiteMissing",
    "StillLoading",
    "StressMissing",
    "StudyIncomplete",
    "StudyMeasured",
    "StudyRunning",
    "SyntheticMissing",
    "TableCutShort",
    "TokenNeeded",
    "TooFewFilms",
    "TooFewPatients",
    "TooManyReadings",
    "TruncatedFile",
    "Unforeseen",
    "UnknownAddress",
    "UnknownFormat",
    "UnknownMethod",
    "UnknownModel",
    "UnknownPicture",
    "UnreadableFile",
    "UnsupportedDicom",
    "UnsupportedPicture",
    "UploadTooSlow",
    "UploadsFull",
    "WeightsDamaged",
    "WeightsError",
    "WeightsMismatch",
    "WeightsMissing",
    "WrongModality",
]
