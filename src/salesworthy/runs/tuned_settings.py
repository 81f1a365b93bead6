"""The workspace's tuned settings: one file that says what was found, on what, and whether it is used."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.moments import format_moment, parse_moment
from salesworthy.ledger.durable import sync
from salesworthy.model.tuned_settings import TunedSettings
from salesworthy.runs.training_set import TrainingSet
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.evaluation import Evaluation

FOLDER = "tuning"
BEST = "best.json"
STUDIES = "study.db"
FORMAT = 1


@dataclass(frozen=True)
class TunedFile:
    """What the file says, as it stands for a training set.

    Attributes:
        tuned: Settings that are used; None where the defaults stay.
        document: The file.
        stale: How features, labels or data differ from those that were tuned on, in words; the settings are used all
            the same, for they only bound how large trees get, and every training proves its trees on later handoffs.
    """

    tuned: TunedSettings | None
    document: Mapping[str, Any]
    stale: tuple[str, ...] = ()

    def notes(self, evaluation: Evaluation) -> list[str]:
        """What a reader of an evaluation must be told of its settings."""
        if self.tuned is None:
            return []
        starts = [window.split.window.test_from for window in evaluation.windows]
        early = sum(self.tuned.at(start) is None for start in starts)
        if not early:
            return list(self.stale)
        seen = format_moment(self.tuned.until)
        return [
            *self.stale,
            f"{early} of {len(starts)} test windows begin before {seen}, until when labels took part in tuning: there "
            "the default settings were used",
        ]

    def to_json(self, *, as_of: int) -> dict[str, Any]:
        """What a model's record says of the settings that it was fitted with at a moment."""
        told = {name: self.document[name] for name in ("adopted", "why", "tuned_until", "study", "settings")}
        used = self.tuned is not None and self.tuned.at(as_of) is not None
        return {**told, "used": used, "stale": list(self.stale)}


def read_tuned(workspace: Workspace, found: TrainingSet) -> TunedFile | None:
    """The tuned settings of a workspace as they stand for a training set; None where nothing was tuned.

    Raises:
        UserError: When the file is not one that ``tune`` wrote.
    """
    from salesworthy.model.boosting import TreeSettings

    path = workspace.folder / FOLDER / BEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}")
        settings, until = TreeSettings(**document["settings"]), parse_moment(document["tuned_until"])
        file = TunedFile(None, document)
        file.to_json(as_of=until)
        if not document["adopted"]:
            return file
        return TunedFile(TunedSettings(settings, until), document, _stale(document, learned(workspace, found)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, WrongUsage) as error:
        raise UserError(
            f"these are not settings that tuning wrote: {error}",
            where=str(path),
            todo="run `salesworthy tune --trials 50` again, or delete the file: the defaults are used then",
        ) from error


def write_tuned(workspace: Workspace, document: Mapping[str, Any]) -> Path:
    """Put a study's outcome in force: written whole, or not at all."""
    path = workspace.folder / FOLDER / BEST
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = path.with_suffix(f".{os.getpid()}.part")
    text = json.dumps({"format": FORMAT, **document}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    stage.write_text(text, encoding="utf-8")
    sync(stage)
    stage.replace(path)
    sync(path.parent)
    return path


def learned(workspace: Workspace, found: TrainingSet) -> dict[str, Any]:
    """What settings are tuned on: the features, what counts as a conversion, and which data."""
    label = workspace.label_rule
    rule = {"positive": list(label.positive), "window_days": label.window_days}
    return {
        "features": list(found.data.features.column_names),
        "label": {**rule, "absent": label.absent, "undated": label.undated},
        "data_fingerprint": found.fingerprint,
    }


def _stale(document: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    words = {"features": "features", "label": "labels", "data_fingerprint": "data"}
    changed = [word for name, word in words.items() if document[name] != now[name]]
    if not changed:
        return ()
    says = " and ".join(changed)
    return (f"the tuned settings were found on other {says} and are used all the same; `salesworthy tune` renews them",)
