"""What is wrong with a file that cannot be read to its end: the name is the stable code, the value is the sentence."""

from __future__ import annotations

from enum import StrEnum

from salesworthy.domain.errors import UserError

_CUT_SHORT = ("end-of-stream", "end of stream", "runcated", "unexpected end", "ended before")


class FileFault(StrEnum):
    """Why a file is not taken in. Nothing of it is kept then, and nothing of the tables changes."""

    EMPTY_FILE = "the file is empty: it has no header"
    TRUNCATED_FILE = "the file ends before it should"
    DAMAGED_FILE = "the file is damaged"
    UNCLOSED_QUOTE = "a quotation mark is never closed, so that what follows would be one value"
    UNREADABLE_TEXT = "the file cannot be read as rows"


TODO = {
    FileFault.EMPTY_FILE: "export it again, with a header",
    FileFault.TRUNCATED_FILE: "export or copy it again: the transfer was cut off",
    FileFault.DAMAGED_FILE: "export or copy it again: its bytes have changed",
    FileFault.UNCLOSED_QUOTE: "close it, or export the file again",
    FileFault.UNREADABLE_TEXT: "look for a quotation mark that is never closed, or export it again",
}
"""What to do then."""


def file_error(fault: FileFault, name: str, error: BaseException | str = "") -> UserError:
    """The error of a file that cannot be read to its end.

    Args:
        fault: What is wrong.
        name: The file.
        error: What its reader said.

    Example:
        >>> file_error(FileFault.TRUNCATED_FILE, "leads.csv.gz").what
        'the file ends before it should [TRUNCATED_FILE]'
    """
    said = str(error).strip().splitlines()
    detail = f": {said[0]}" if said else ""
    return UserError(f"{fault.value}{detail} [{fault.name}]", where=name, todo=TODO[fault])


def fault_of(error: BaseException) -> FileFault:
    """Whether a reader met the end of a file too early, or something else."""
    cut_short = isinstance(error, EOFError) or any(each in str(error) for each in _CUT_SHORT)
    return FileFault.TRUNCATED_FILE if cut_short else FileFault.DAMAGED_FILE
