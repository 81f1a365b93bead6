"""Tables kept beside a bundle as plain arrays, under the hash that the bundle names. They can always be built again."""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from salesworthy.domain.errors import UserError
from salesworthy.model.reason_tables.forest import NoTables
from salesworthy.model.reason_tables.proof import prove
from salesworthy.model.reason_tables.tables import ReasonTables
from salesworthy.model.trees import Trees, built

_LOG = logging.getLogger(__name__)


def place_of(folder: Path, sha256: str) -> Path:
    """Where tables of that hash are kept beside a bundle."""
    return folder / f"reason_tables-{sha256[:16]}.npz"


def write_tables(tables: ReasonTables, folder: Path) -> Path:
    """Keep tables beside a bundle; complete or not at all. The same tables give the same bytes."""
    place = place_of(folder, tables.sha256)
    stage = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with stage.open("wb") as file:
            np.savez(file, allow_pickle=False, **tables.arrays())
        stage.replace(place)
    finally:
        stage.unlink(missing_ok=True)
    return place


def read_tables(folder: Path, sha256: str) -> ReasonTables | None:
    """The tables of that hash; None when they are not there, or are not what their name says."""
    place = place_of(folder, sha256)
    try:
        with np.load(place, allow_pickle=False) as arrays:
            found = ReasonTables.from_arrays(dict(arrays))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        _LOG.warning("%s cannot be read and is built again: %s", place, error)
        return None
    if found.sha256 != sha256:
        _LOG.warning("%s has changed since the model was registered, and is built again", place)
        return None
    return found


@dataclass(frozen=True)
class KeptTables:
    """Gives the tables of a bundle: those kept beside it, or else the same built again.

    Tables that come out otherwise than when the model was registered, as under another version of this software, are
    proved again before they are used. Unlike a function made on the spot it can be carried to another process.

    Attributes:
        folder: The bundle's folder.
        proof: What the bundle says of its tables; None when it says nothing.
    """

    folder: Path
    proof: Mapping[str, Any] | None

    def __call__(self, trees: Trees) -> ReasonTables:
        """The tables of these trees; raises ``NoTables`` where there are none."""
        if self.proof is None:
            return built(trees)
        if self.proof["sha256"] is None:
            raise NoTables(self.proof["why_none"])
        kept = read_tables(self.folder, self.proof["sha256"])
        return kept if kept is not None else _built_again(trees, self.folder, self.proof["sha256"])


def _built_again(trees: Trees, folder: Path, sha256: str) -> ReasonTables:
    tables = built(trees)
    if tables.sha256 != sha256:
        try:
            prove(Trees(trees.text))
        except UserError as refused:
            _LOG.warning("LightGBM computes the reasons: %s", refused)
            raise NoTables(refused.what) from refused
        return tables
    try:
        write_tables(tables, folder)
    except OSError as error:
        _LOG.info("the tables are built in every process, as they cannot be kept in %s: %s", folder, error)
    return tables
