"""The registry: model versions, their bundles, and which of them is in force.

The ledger decides; bundles lie in ``models/<version>/``; MLflow, where there is one, mirrors both.
"""

from __future__ import annotations

import errno
import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError
from salesworthy.ledger.durable import sync, sync_tree
from salesworthy.ledger.records import ANY_CHAMPION, Expected, ModelVersion, Promotion

if TYPE_CHECKING:
    from salesworthy.ledger.store import Ledger
    from salesworthy.model.tracking import ModelMirror

Record = Callable[[str, Path], str]
"""Writes a version and its bundle down elsewhere, and returns the MLflow run id."""

_LOG = logging.getLogger(__name__)
_VERSION = re.compile(r"v(\d+)")


class Registry:
    """Model versions ``v1``, ``v2``, ... of one workspace.

    Args:
        ledger: Where versions and promotions are recorded.
        models_folder: Where bundles lie, one folder per version.
        mirror: Told about every change of champion; when it fails, the change stands and a warning is logged.
    """

    def __init__(self, ledger: Ledger, models_folder: Path, *, mirror: ModelMirror | None = None) -> None:
        self._ledger = ledger
        self._folder = models_folder
        self._mirror = mirror

    def register(
        self,
        bundle: Path,
        *,
        bundle_sha256: str,
        trained_as_of: int,
        data_fingerprint: str,
        figures: Mapping[str, Any],
        now: int,
        by: str = "train",
        record: Record | None = None,
    ) -> ModelVersion:
        """Copy a bundle under the next free version, atomically, and record it; nothing is promoted.

        Args:
            bundle: Folder with ``bundle.json``; it is left where it is.
            bundle_sha256: Hash of its ``bundle.json``.
            trained_as_of: The moment its labels were settled at, microseconds.
            data_fingerprint: Of the checked tables it learned from.
            figures: What it was judged by, as JSON.
            now: Microseconds UTC.
            by: The person or the job that trained it.
            record: Called with the version and its folder before the ledger is written, for the MLflow run; when it
                raises ``UserError`` the version is registered without one and a warning is logged.

        Raises:
            UserError: When the bundle is not the one that the hash names.
        """
        folder = self._place(bundle, bundle_sha256)
        try:
            return self._ledger.register_model(
                folder.name,
                bundle_sha256=bundle_sha256,
                trained_as_of=trained_as_of,
                data_fingerprint=data_fingerprint,
                figures=figures,
                by=by,
                now=now,
                mlflow_run_id=None if record is None else _recorded(record, folder),
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def list(self) -> tuple[ModelVersion, ...]:
        """All versions, in the order of registration."""
        return self._ledger.models()

    def get(self, version: str) -> ModelVersion:
        """That version.

        Raises:
            WrongUsage: When there is no such version.
        """
        return self._ledger.model(version)

    def champion(self) -> ModelVersion | None:
        """The version in force; None before the first promotion."""
        return self._ledger.champion()

    def challenger(self) -> ModelVersion | None:
        """The newest version, while it is not the champion."""
        versions, champion = self.list(), self.champion()
        return None if not versions or versions[-1] == champion else versions[-1]

    def bundle_folder(self, version: str) -> Path:
        """Where a version's bundle lies; read it with the ledger's ``bundle_sha256`` as the expected hash.

        Raises:
            WrongUsage: When there is no such version.
            UserError: When its folder is gone.
        """
        folder = self._folder / self.get(version).version
        if not (folder / "bundle.json").is_file():
            raise UserError(
                f"the bundle of {version} is not there", where=str(folder), todo="restore the folder, or train again"
            )
        return folder

    def promote(
        self, version: str, by: str, now: int, *, expected: str | Expected | None = ANY_CHAMPION, note: str = ""
    ) -> Promotion:
        """Make a version the champion; see ``Ledger.promote``.

        Raises:
            WrongUsage: When there is no such version, or nobody is named.
            UserError: When its bundle is gone or changed.
            ChampionChanged: When the champion is no longer the expected one.
        """
        _must_be(self.bundle_folder(version), self.get(version).bundle_sha256)
        promotion = self._ledger.promote(version, by, now, expected=expected, note=note)
        self._show()
        return promotion

    def rollback(
        self, by: str, now: int, *, expected: str | Expected | None = ANY_CHAMPION, note: str = ""
    ) -> Promotion:
        """Return to the champion before the present one; see ``Ledger.rollback``.

        Raises:
            GateRefused: When there is no earlier champion.
            ChampionChanged: When the champion is no longer the expected one.
        """
        promotion = self._ledger.rollback(by, now, expected=expected, note=note)
        self._show()
        return promotion

    def _place(self, bundle: Path, expected: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".stage-", dir=self._folder, ignore_cleanup_errors=True) as scratch:
            stage = Path(scratch) / "bundle"
            shutil.copytree(bundle, stage)
            _must_be(stage, expected, where=bundle)
            sync_tree(stage)
            return self._name(stage)

    def _name(self, stage: Path) -> Path:
        while True:
            target = self._folder / f"v{self._highest() + 1}"
            try:
                stage.rename(target)
            except OSError as error:
                # Another registration took the number in between.
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
            else:
                sync(self._folder)
                return target

    def _highest(self) -> int:
        names = [folder.name for folder in self._folder.iterdir()] + [model.version for model in self.list()]
        return max((int(match[1]) for name in names if (match := _VERSION.fullmatch(name))), default=0)

    def _show(self) -> None:
        champion = self.champion()
        if self._mirror is None or champion is None:
            return
        try:
            self._mirror.show(champion, self.challenger())
        except Exception as error:  # whatever MLflow raises, the ledger has decided
            _LOG.warning("MLflow does not show the new champion yet: %s", error)


def _must_be(bundle: Path, expected: str, *, where: Path | None = None) -> None:
    found = sha256((bundle / "bundle.json").read_bytes()).hexdigest()
    if found != expected:
        place = str((where or bundle) / "bundle.json")
        todo = "restore the bundle, or train again"
        raise UserError(f"its hash is {found[:12]}, not {expected[:12]}", where=place, todo=todo)


def _recorded(record: Record, folder: Path) -> str | None:
    try:
        return record(folder.name, folder)
    except UserError as error:
        _LOG.warning("%s is registered without an MLflow run: %s", folder.name, error)
        return None
