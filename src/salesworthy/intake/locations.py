"""Where rows lie: the files that a path or glob names, or a copy of a database table."""

from __future__ import annotations

import glob
from pathlib import Path

from salesworthy.domain.errors import UserError
from salesworthy.intake.settings import Origin

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")
PARQUET_SUFFIXES = (".parquet", ".pq")


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its name."""
    return path.suffix.lower() in PARQUET_SUFFIXES


def find_files(origin: Origin, root: Path) -> list[Path]:
    """The files of a source, in the order of their names.

    Args:
        origin: A source with a ``path``; a folder stands for the files in it.
        root: Where relative paths start.

    Raises:
        UserError: When there is no such file, or it is of no known sort.
    """
    path = root / (origin.path or "")
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if _readable(each) and not each.name.startswith((".", "_")))
    elif path.exists():
        found = [path]
    else:
        names = glob.glob(origin.path or "", root_dir=root, recursive=True)  # noqa: PTH207  (takes absolute patterns too)
        found = sorted(root / name for name in names if (root / name).is_file())
    if not found:
        raise UserError(f"there is no file {origin.path!r}", todo=f"paths start at {root}")
    for each in found:
        if not _readable(each):
            todo = (
                f"give one of {', '.join((*TEXT_SUFFIXES, *PARQUET_SUFFIXES))}, text perhaps as .gz, .bz2, .xz or .zst"
            )
            raise UserError(f"{each.name} is of no sort that can be read", todo=todo)
    return found


def _readable(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
        return bool(suffixes) and suffixes[-1] in TEXT_SUFFIXES
    return bool(suffixes) and suffixes[-1] in (*TEXT_SUFFIXES, *PARQUET_SUFFIXES)
