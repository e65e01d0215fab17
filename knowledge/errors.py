"""The errors that Rolewise raises on purpose: each has an exit code and names the fix.

RolewiseError
├── SettingsError              3   a settings file or value is wrong
├── KnowledgeError             4   guides can't be read, or there are none
├── QuestionError              5   a question holds nothing that can be looked up
├── EncoderError               6   the sentence encoder can't be loaded or used
├── SnapshotError              7   the index can't be opened
│   ├── NoSnapshotError            nothing has been built yet
│   ├── DamagedSnapshotError       a file is missing, cut short or not what the manifest says
│   └── StaleSnapshotError         it was built by another format or another encoder
├── StorageError               8   the home folder can't be written, or the disk is full
├── BusyError                  9   another process is building, or the queue is full
├── DiscordError              10   the token, the intents or the connection
├── EvaluationError           11   labelled questions or an earlier run can't be used
├── CalibrationError          12   the thresholds kept for an encoder can't be read
└── BuildStoppedError         14   the process that builds was ended from outside

Misuse by code is `ValueError`; the exit codes 1 (unexpected), 2 (usage) and 13 (the doctor found
something bad) are never used here.
"""


class RolewiseError(Exception):
    """Carry one line for the person, which names what is wrong and what mends it."""

    exit_code = 1


class SettingsError(RolewiseError):
    """A settings file or value is wrong."""

    exit_code = 3


class KnowledgeError(RolewiseError):
    """Guides can't be read, or there are none."""

    exit_code = 4


class QuestionError(RolewiseError):
    """A question holds nothing that can be looked up."""

    exit_code = 5


class EncoderError(RolewiseError):
    """The sentence encoder can't be loaded or used."""

    exit_code = 6


class SnapshotError(RolewiseError):
    """The index can't be opened."""

    exit_code = 7


class NoSnapshotError(SnapshotError):
    """Nothing has been built yet."""


class DamagedSnapshotError(SnapshotError):
    """A file of the index is missing, cut short or not what the manifest says."""


class StaleSnapshotError(SnapshotError):
    """The index was built by another format of Rolewise or another encoder."""


class StorageError(RolewiseError):
    """The home folder can't be written, or the disk is full."""

    exit_code = 8


class BusyError(RolewiseError):
    """Another process is building, or too many questions wait already."""

    exit_code = 9


class DiscordError(RolewiseError):
    """The token is missing or rejected, an intent is not granted, or Discord can't be reached."""

    exit_code = 10


class EvaluationError(RolewiseError):
    """Labelled questions or an earlier run can't be read, or don't fit the index."""

    exit_code = 11


class CalibrationError(RolewiseError):
    """The thresholds that were made for an encoder can't be read."""

    exit_code = 12


class BuildStoppedError(RolewiseError):
    """The process that builds was ended from outside, perhaps for lack of memory."""

    exit_code = 14
