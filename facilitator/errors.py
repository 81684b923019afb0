"""What can go wrong in a way that a person should read about.

Every message is one clear sentence that says what to do next. The command line prints it as it
stands and leaves with `exit_code`; nothing else in the program calls `sys.exit`.
"""

from __future__ import annotations


class FacilitatorError(Exception):
    """A problem that the person at the keyboard can do something about (exit code 1)."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(FacilitatorError):
    """What was asked for does not fit together (exit code 2)."""

    exit_code = 2


class AudioError(FacilitatorError):
    """No microphone, loudspeaker or recording could be opened, or it went away."""


class VoiceError(FacilitatorError):
    """Nothing here can turn text into speech."""


class ModelError(FacilitatorError):
    """A model is missing, damaged, or cannot be fetched."""


class PromptsError(FacilitatorError):
    """A format or a language file is not as it should be; lists every problem found in it."""

    def __init__(self, where: str, problems: tuple[str, ...]) -> None:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{where} needs mending:{listed}")
        self.where = where
        self.problems = problems


class StoreError(FacilitatorError):
    """The database cannot be read or written."""


class CorrectionError(FacilitatorError):
    """What is to be put right does not fit the session."""


class PageError(FacilitatorError):
    """The page in the browser cannot be shown; the terminal does everything, too."""


class Cancelled(FacilitatorError):
    """Whoever asked for it has stopped it."""


class MissingPackage(FacilitatorError):
    """Something that is asked for needs a package that is not installed."""
