"""The model that a run uses: one version, pinned at the start by the hash of its bundle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from salesworthy.domain.errors import UserError
from salesworthy.features.catalogue import Catalogue
from salesworthy.model.bundle import Bundle, read_bundle
from salesworthy.qualification.reasons import ReasonMap
from salesworthy.runs.workspace import Workspace


@dataclass(frozen=True)
class LoadedModel:
    """A model version with its checked bundle.

    Attributes:
        version: Its name.
        bundle: Its files, checked.
        words: The features as people may speak of them; as the model was trained with them where None.
    """

    version: str
    bundle: Bundle
    words: Catalogue | None = None

    @cached_property
    def catalogue(self) -> Catalogue:
        """The features that the model was trained on, in its order, as they were defined then."""
        return Catalogue.from_json(self.bundle.metadata["catalogue"])

    @cached_property
    def reason_map(self) -> ReasonMap:
        """Which features make up which reason."""
        return ReasonMap(self.words or self.catalogue)


def load_model(workspace: Workspace, version: str | None = None) -> LoadedModel:
    """The champion, or the version asked for; its files are checked against the ledger's hash before they are read.

    Raises:
        UserError: When there is no champion, no such version, or a file of the bundle has changed.
    """
    entry = workspace.registry.get(version) if version else workspace.registry.champion()
    if entry is None:
        raise UserError(
            "no model is in force",
            where="models",
            todo="`salesworthy train`, then `salesworthy promote VERSION --by NAME`; or name one: --model VERSION",
        )
    folder = workspace.registry.bundle_folder(entry.version)
    return LoadedModel(entry.version, read_bundle(folder, expected_sha256=entry.bundle_sha256))
