"""The last look: is a person still anywhere in what the product wrote, byte by byte."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesworthy.intake.suppression import FOLDER
from salesworthy.runs.erase_cells import People
from salesworthy.runs.erase_files import count, files_below
from salesworthy.runs.erase_places import DOCUMENTS, PAIRS, REVIEWS, place_name
from salesworthy.runs.workspace import Workspace

SQLITE = "sqlite:///"
POLICY_FILES = frozenset({".yaml", ".yml"})
"""Documents that people wrote and signed; the receipt lists those that name somebody."""
BLOCK = 4 * 1024 * 1024


def scan(workspace: Workspace, places: tuple[Path, ...], people: People) -> tuple[int, list[str]]:
    """How many files were looked through, and those in which somebody is still found.

    Ids that could be anything (see ``erase_cells``) are sought where a lead id belongs; others in every byte, in the
    free pages of databases too.
    """
    paths = dict(_written(workspace, places))
    return len(paths), [name for path, name in paths.items() if _holds(path, people)]


def _written(workspace: Workspace, places: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    folders = [workspace.cache, *(workspace.folder / name for name in (*DOCUMENTS, "models", FOLDER)), *places]
    for folder in folders:
        for path in files_below(folder):
            yield path, f"{place_name(folder, workspace)}/{path.relative_to(folder).as_posix()}"
    for path in files_below(workspace.folder / REVIEWS):
        if path.suffix not in POLICY_FILES:
            yield path, path.relative_to(workspace.folder).as_posix()
    if (pairs := workspace.folder / PAIRS).is_file():
        yield pairs, pairs.name
    ledger = workspace.folder / workspace.settings.ledger.url.removeprefix(SQLITE)
    for path in sorted(ledger.parent.glob(f"{ledger.name}*")) if ledger.parent.is_dir() else ():
        yield path, path.name


def _holds(path: Path, people: People) -> bool:
    try:
        if count(path, people):
            return True
        if path.suffix == ".parquet":
            return any(_in_parquet(path, people))
        return bool(people.distinctive) and any(_in_bytes(path, people))
    except FileNotFoundError:
        return False


def _in_parquet(path: Path, people: People) -> Iterator[bool]:
    with pq.ParquetFile(path) as file:
        texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        for batch in file.iter_batches(columns=texts):
            for column in batch.columns:
                for lead in sorted(people.distinctive):
                    yield bool(pc.any(pc.match_substring(column, lead)).as_py())


def _in_bytes(path: Path, people: People) -> Iterator[bool]:
    needles = [lead.encode() for lead in sorted(people.distinctive)]
    longest = max(map(len, needles))
    rest = b""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        while block := file.read(BLOCK):
            text = rest + bytes(block)
            yield any(needle in text for needle in needles)
            rest = text[-longest:]
