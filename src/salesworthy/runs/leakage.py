"""The leakage audit of a workspace: what it found, what somebody answers for, and what it stops."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import GateRefused
from salesworthy.domain.findings import Severity
from salesworthy.features.catalogue import Catalogue, Feature, FeatureKind
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.training_set import TrainingSet, training_set

if TYPE_CHECKING:
    from salesworthy.model.dataset import Flags
    from salesworthy.model.leakage_findings import LeakageFinding
    from salesworthy.runs.workspace import Workspace

RAW = (FeatureKind.COLUMN, FeatureKind.HISTORY)
"""Features that read a raw column, whose name says what it means; acts are dated, and their features are ours."""


@dataclass(frozen=True)
class LeakageAudit:
    """What the audit found.

    Attributes:
        findings: Blocked columns first.
        checked: How many columns were audited.
        waived: Column with a finding -> the reason and name that a person gave for it.
    """

    findings: tuple[LeakageFinding, ...]
    checked: int
    waived: Mapping[str, str]

    @property
    def stopping(self) -> tuple[LeakageFinding, ...]:
        """Blocking findings that nobody answers for."""
        return tuple(each for each in self.findings if each.blocks and each.column not in self.waived)

    @property
    def blocked_features(self) -> dict[str, str]:
        """Feature that nobody answers for -> why it is blocked."""
        return {each.feature: f"{each.code.value}: {each.evidence}" for each in reversed(self.stopping)}

    def to_json(self) -> dict[str, Any]:
        """The audit as ``leakage --json`` prints it; a finding that is answered for also says by whom and why."""
        distinct = {(each.column, each.code): each for each in reversed(self.findings)}
        findings = [
            each.to_json() | ({"waived": self.waived[each.column]} if each.column in self.waived else {})
            for each in reversed(distinct.values())
        ]
        return {"findings": findings, "checked": self.checked}

    def warnings(self) -> list[str]:
        """What an evaluation that leaves the blocked columns out must say."""
        first: dict[str, LeakageFinding] = {}
        for each in self.stopping:
            first.setdefault(each.column, each)
        return [
            f"{column} was left out, because it gives the outcome away ({each.code.value}): {each.evidence}"
            for column, each in first.items()
        ]


def leakage(workspace: Workspace, *, as_of: int, progress: Progress = silent) -> LeakageAudit:
    """Audit every candidate column of a workspace.

    Args:
        workspace: Whose tables and catalogue.
        as_of: Labels are those settled at this moment (microseconds).
        progress: Told about the steps.

    Raises:
        DataLimitExceeded: When there is no mature label, or all of them are equal.
    """
    return audit_training_set(workspace, training_set(workspace, as_of=as_of, progress=progress), progress=progress)


def audit_training_set(
    workspace: Workspace, found: TrainingSet, *, rows: Flags | None = None, progress: Progress = silent
) -> LeakageAudit:
    """Audit a training set.

    Args:
        workspace: Whose settings say which columns somebody answers for, and what the outcome is read from.
        found: Features and labels.
        rows: Rows that the run may see; all by default.
        progress: Told about the steps.
    """
    from salesworthy.model.leakage import audit_leakage

    progress("leakage audit", 0.0)
    catalogue = found.loaded.catalogue
    findings = audit_leakage(
        found.data if rows is None else found.data.take(rows),
        sources={feature.name: feature.column for feature in catalogue if feature.kind == FeatureKind.COLUMN},
        words={feature.name: feature.column if feature.kind in RAW else "" for feature in catalogue},
        dated=[feature.name for feature in catalogue if feature.type == "days_since"],
    )
    read_from = _outcome_sources(workspace, found)
    findings = _with_field_maps(findings, found)
    progress("leakage audit", 1.0)
    return LeakageAudit(
        (*findings, *read_from),
        found.data.features.num_columns + len(read_from),
        _waived(findings, catalogue, workspace.settings.features.waive),
    )


def _with_field_maps(findings: list[LeakageFinding], found: TrainingSet) -> list[LeakageFinding]:
    """Findings with those of the field maps, whose word on a name stands above a guess from its words."""
    from salesworthy.model.leakage_findings import LeakCode, block, in_order

    catalogue = found.loaded.catalogue
    told = [
        replace(block(name, LeakCode.OUTCOME_NAME, says), column=catalogue[name].column or name)
        for name, says in found.loaded.after_outcome.items()
        if name in catalogue
    ]
    said = {each.feature for each in told}
    guesses = [each for each in findings if each.code != LeakCode.OUTCOME_NAME or each.feature not in said]
    return in_order([*told, *guesses])


def _outcome_sources(workspace: Workspace, found: TrainingSet) -> list[LeakageFinding]:
    """Columns that would be features, but that the outcome is read from."""
    from salesworthy.intake.outcome_columns import outcome_columns
    from salesworthy.model.leakage_findings import LeakageFinding, LeakCode

    told = {reference: name for name, why in found.loaded.left_out for reference in _references(why)}
    says = "the outcome is read from it; it is left out of the features"
    return [
        LeakageFinding(
            reference.partition(".")[2], LeakCode.OUTCOME_SOURCE, says, Severity.WARN, told.get(reference, "")
        )
        for reference in sorted(outcome_columns(workspace.settings.tables))
        if reference in told
    ]


def _references(why: str) -> list[str]:
    from salesworthy.features.removal import OUTCOME_READ

    return why.removesuffix(OUTCOME_READ).split(", ") if why.endswith(OUTCOME_READ) else []


def _waived(findings: Collection[LeakageFinding], catalogue: Catalogue, waive: Mapping[str, str]) -> dict[str, str]:
    """Columns with a finding that somebody answers for: by column, by ``table.column`` or by feature."""
    found = {}
    for each in findings:
        names = (each.column, _qualified(catalogue[each.feature]), each.feature)
        given = [waive[name] for name in names if name in waive]
        if given:
            found[each.column] = given[0]
    return found


def _qualified(feature: Feature) -> str:
    return f"{feature.table}.{feature.column}"


def without_blocked(found: TrainingSet, audit: LeakageAudit) -> TrainingSet:
    """The training set without the features that are blocked and that nobody answers for, nor what reads them."""
    blocked = audit.blocked_features
    if not blocked:
        return found
    everything = found.loaded.catalogue
    columns = {_qualified(everything[name]) for name in blocked if everything[name].kind == FeatureKind.COLUMN}
    readers = [feature.name for feature in everything if _reads(feature, columns)]
    catalogue = everything.without([*blocked, *readers])
    gone = [name for name in everything.names if name not in catalogue]
    why = [(name, f"leakage audit: {blocked.get(name, 'it reads what is blocked')}") for name in gone]
    loaded = replace(found.loaded, catalogue=catalogue, left_out=(*found.loaded.left_out, *why))
    return replace(found, data=replace(found.data, features=found.data.features.drop_columns(gone)), loaded=loaded)


def _reads(feature: Feature, columns: Collection[str]) -> bool:
    """Whether a feature reads one of these columns itself."""
    written = set(re.findall(r"[\w.]+", feature.expression))
    return _qualified(feature) in columns or bool(written & set(columns))


def refuse_leaks(audit: LeakageAudit) -> None:
    """Stop while a blocked column is neither removed nor answered for.

    Raises:
        GateRefused: Naming the columns and the two ways out.
    """
    first: dict[str, str] = {}
    for each in audit.stopping:
        first.setdefault(each.column, f"{each.column} ({each.code.value}): {each.evidence}")
    if not first:
        return
    names = ", ".join(map(_quoted, first))
    waive = ", ".join(f'{_quoted(name)} = "reason; name, date"' for name in first)
    what = "a column gives" if len(first) == 1 else f"{len(first)} columns give"
    raise GateRefused(
        f"{what} the outcome away:\n  " + "\n  ".join(first.values()),
        where="leakage",
        todo="under [features] in salesworthy.toml, take out what was known only after the handoff: "
        f"remove = [{names}]; or let somebody answer for it: waive = {{ {waive} }}",
    )


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
