"""Check: raw tables to checked tables, remembered while files and settings stay the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from salesworthy.domain.errors import MistakeCollector, UserError
from salesworthy.intake import store
from salesworthy.intake.care import NOTHING_DONE, Care
from salesworthy.intake.checked import CheckedTables
from salesworthy.intake.content_hashes import ContentHashes
from salesworthy.intake.fingerprint import fingerprint
from salesworthy.intake.limits import NEEDED, hold_limits
from salesworthy.intake.locations import find_files
from salesworthy.intake.mending import NOTHING_MENDED, Mending
from salesworthy.intake.settings import Origin, Tables
from salesworthy.intake.suppression import NOBODY, Suppression

Progress = Callable[[str, float], None]
"""Called with the name of the step and the share of it that is done."""


def silent(step: str, share: float) -> None:
    """Nobody listens."""


def check_tables(
    tables: Tables,
    *,
    root: Path,
    timezone: tzinfo,
    folder: Path,
    max_rejected_share: float,
    progress: Progress | None = None,
    refuse_undated: bool = False,
    suppression: Suppression = NOBODY,
    care: Care = NOTHING_DONE,
    mending: Mending = NOTHING_MENDED,
    hashed: bool = False,
) -> CheckedTables:
    """Read, map and check the tables of a workspace.

    Args:
        tables: Where each table is and what its columns are called there.
        root: Where relative paths start.
        timezone: How times without a zone are read.
        folder: Where checked tables are stored; safe to delete, and safe for several processes at once.
        max_rejected_share: The largest share of a table's rows that may be set aside.
        progress: Told how far it is.
        refuse_undated: Whether a settled outcome without a date is set aside.
        suppression: People and rows that stay out.
        care: How acts of machines and duplicates are told; nothing is done about either by default.
        mending: Rows that people put right.
        hashed: Whether stored tables are held against their hashes, as a run of hours should; see ``store.find``.

    Raises:
        ConfigurationMistakes: When files or columns that the settings name are not there.
        UserError: When a file or a database cannot be read.
        DataLimitExceeded: When more rows were set aside than allowed, or no lead is left.
    """
    if not tables.get(NEEDED):
        raise UserError(
            "there is no lead table", where="tables", todo='write [tables.leads] and path = "..." in salesworthy.toml'
        )
    folder.mkdir(parents=True, exist_ok=True)
    with _Locations(root, folder) as locations:
        key = fingerprint(
            tables, _contents(tables, locations, folder), timezone=timezone, refuse_undated=refuse_undated,
            suppressed=suppression.identity, care=care.identity, mended=mending.identity,
        )  # fmt: skip
        found = store.find(folder, key, hashed=hashed)
        if found is None:
            from salesworthy.intake.building import build

            found = build(
                tables, locations.files, key, timezone=timezone, folder=folder, refuse_undated=refuse_undated,
                max_rejected_share=max_rejected_share, progress=progress or silent, suppression=suppression,
                care=care, mending=mending,
            )  # fmt: skip
        else:
            hold_limits(found.reports, {}, max_rejected_share)
    store.clean(folder, keep=key)
    return found


def content_of(tables: Tables, *, root: Path, folder: Path) -> str:
    """What the sources of some tables hold at this moment, as one text to compare; the tables are not read.

    Args:
        tables: Where they are.
        root: Where relative paths start.
        folder: The store of checked tables, which remembers hashes of files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _Locations(root, folder) as locations:
        return json.dumps(_contents(tables, locations, folder))


@dataclass
class _Locations:
    """The files of every source; database tables are copied once, for as long as this is open."""

    root: Path
    folder: Path
    copies: Path | None = None
    found: dict[tuple[str | None, ...], list[Path]] = field(default_factory=dict)

    def __enter__(self) -> _Locations:
        return self

    def __exit__(self, *error: object) -> None:
        if self.copies is not None:
            shutil.rmtree(self.copies, ignore_errors=True)

    def files(self, origin: Origin) -> Sequence[Path]:
        """The files of a source."""
        name = (origin.path, origin.source, origin.table)
        if name not in self.found:
            self.found[name] = find_files(origin, self.root) if origin.path is not None else [self._copy(origin)]
        return self.found[name]

    def _copy(self, origin: Origin) -> Path:
        from salesworthy.intake.database import copy_table

        self.copies = self.copies or store.new_stage(self.folder)
        target = self.copies / f"copy-{len(self.found)}.parquet"
        copy_table(origin, self.root, target)
        return target


def _contents(tables: Tables, locations: _Locations, folder: Path) -> dict[str, list[list[str]]]:
    """Per table and source, the names and hashes of all of its files.

    Raises:
        ConfigurationMistakes: With every source that is not there.
    """
    hashes = ContentHashes(folder / "hashes.json")
    mistakes = MistakeCollector(of="the list of your files")
    contents: dict[str, list[list[str]]] = {}
    for table, sources in tables.items():
        contents[table] = []
        for number, source in enumerate(sources):
            found: list[str] = []
            for keys, origin in [((), source), *((("join", at), join) for at, join in enumerate(source.join))]:
                key = "path" if origin.path is not None else "source"
                try:
                    for path in locations.files(origin):
                        found += [path.name if origin.path is not None else "", hashes.of(path)]
                except UserError as error:
                    label = f"tables.{table}" if len(sources) == 1 else f"tables.{table}[{number}]"
                    dotted = ".".join([label, *map(str, keys), key])
                    place = source.place(*keys, key)
                    what = f"{error.where}: {error.what}" if error.where else error.what
                    mistakes.add(f"{place} ({dotted})" if source.places else dotted, what, error.todo)
            contents[table].append(found)
    mistakes.raise_if_any()
    hashes.save()
    return contents
