"""What all errors are: each has a catalogue key and the values that its message names."""

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
