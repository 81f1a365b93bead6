"""The bundle: a model as files of plain data, read hash first. No pickle is written or read.

``bundle.json`` holds encoder, backbone, calibration and intervals, what the model says of itself (``metadata``), and
the SHA-256 of every other file; ``trees.txt`` is LightGBM's text model. The hash of ``bundle.json`` names the bundle.
Where ``metadata`` holds the proof of reason tables, they lie beside it under their own hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import UserError
from salesworthy.model.backbone import Backbone
from salesworthy.model.calibration import Calibration
from salesworthy.model.encoding import Encoder
from salesworthy.model.fitted import FittedModel
from salesworthy.model.intervals import Intervals
from salesworthy.model.reason_tables.store import KeptTables, write_tables
from salesworthy.model.tree_text import check_tree_text
from salesworthy.model.trees import Trees

BUNDLE = "bundle.json"
TREES = "trees.txt"
PROOF = "reason_tables"
"""Of the metadata: what ``Proof.to_json`` gave."""
FORMAT = 1
TODO = "restore the bundle's folder, or train again"


@dataclass(frozen=True)
class Bundle:
    """A model that was read, what it says of itself, and the hash that names it."""

    model: FittedModel
    metadata: dict[str, Any]
    sha256: str


def write_bundle(model: FittedModel, folder: Path, *, metadata: Mapping[str, Any]) -> str:
    """Write a model to a new folder; returns the hash of its ``bundle.json``.

    The same model and metadata give the same bytes.
    """
    folder.mkdir(parents=True)
    files = {}
    if model.trees is not None:
        check_tree_text(model.trees.text, features=len(model.encoder.names), where=TREES)
        (folder / TREES).write_text(model.trees.text, encoding="utf-8")
        files[TREES] = sha256((folder / TREES).read_bytes()).hexdigest()
    document = {"format": FORMAT, "files": files, "model": _plain(model), "metadata": metadata}
    # Keys stay in their order: it is the order of the features.
    content = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    (folder / BUNDLE).write_text(content, encoding="utf-8")
    if PROOF in metadata and model.trees is not None and model.trees.tables is not None:
        write_tables(model.trees.tables, folder)
    return sha256(content.encode("utf-8")).hexdigest()


def read_bundle(folder: Path | str, *, expected_sha256: str | None = None) -> Bundle:
    """Read a model.

    Args:
        folder: Folder with ``bundle.json``.
        expected_sha256: The hash that the bundle must have, as the ledger recorded it.

    Raises:
        UserError: When a file is missing, has changed, or holds no sound model.
    """
    place = Path(folder)
    content = _bytes(place / BUNDLE)
    found = sha256(content).hexdigest()
    if expected_sha256 is not None and found != expected_sha256:
        raise UserError(f"its hash is {found[:12]}, not {expected_sha256[:12]}", where=str(place / BUNDLE), todo=TODO)
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}")
        return Bundle(_model(document, place), document["metadata"], found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"this is not a bundle of this version: {error}", where=str(place / BUNDLE), todo=TODO
        ) from error


def _plain(model: FittedModel) -> dict[str, Any]:
    return {
        "features": list(model.feature_names_in_),
        "encoder": model.encoder.to_json(),
        "backbone": model.backbone.to_json(),
        "calibration": model.calibration.to_json(),
        "intervals": model.intervals.to_json(),
        "left_out": dict(model.left_out),
        "recipe": dict(model.recipe),
    }


def _model(document: Mapping[str, Any], folder: Path) -> FittedModel:
    plain = document["model"]
    encoder = Encoder.from_json(plain["encoder"])
    return FittedModel(
        feature_names_in_=tuple(plain["features"]),
        encoder=encoder,
        backbone=Backbone.from_json(plain["backbone"]),
        trees=_trees(document, folder, features=len(encoder.names)),
        calibration=Calibration.from_json(plain["calibration"]),
        intervals=Intervals.from_json(plain["intervals"]),
        left_out=plain["left_out"],
        recipe=plain["recipe"],
    )


def _trees(document: Mapping[str, Any], folder: Path, *, features: int) -> Trees | None:
    files = document["files"]
    if TREES not in files:
        return None
    content = _bytes(folder / TREES)
    if sha256(content).hexdigest() != files[TREES]:
        raise UserError("the file has changed since the model was registered", where=str(folder / TREES), todo=TODO)
    text = content.decode("utf-8")
    check_tree_text(text, features=features, where=str(folder / TREES))
    return Trees(text, KeptTables(folder, document["metadata"].get(PROOF)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror}", where=str(path), todo=TODO) from error
