"""Promotion: the gate before a challenger becomes champion, and the person who says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.moments import parse_moment
from salesworthy.ledger.records import ModelVersion
from salesworthy.model.promotion_gate import Condition, Duel, champion_condition, conditions_of, failing
from salesworthy.runs.bundle_age import check_says_all
from salesworthy.runs.champion import LoadedModel, load_model
from salesworthy.runs.evaluate import SEED
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.boosting import TreeSettings

CODES = ("SKILL", "CALIBRATION", "LEAKAGE", "REASONS", "CHAMPION")


def promote(
    workspace: Workspace,
    version: str,
    *,
    by: str,
    now: int,
    despite: Sequence[str] = (),
    because: str = "",
    progress: Progress = silent,
) -> dict[str, Any]:
    """Make a version the champion, when its gate passes and a person says so.

    The promotion is compared and set against the champion that the gate weighed it against; the figures of the gate,
    and what somebody answers for, are written to the ledger with it.

    Args:
        workspace: Whose models.
        version: A registered version.
        by: The person who says so.
        now: Microseconds UTC.
        despite: Codes of conditions that may fail, because this person answers for them.
        because: Why, in words; needed with ``despite``.
        progress: Told about the steps.

    Raises:
        WrongUsage: When there is no such version or condition, or a reason is missing.
        GateRefused: When a condition fails, or another promotion came first.
    """
    _refuse_unreasoned(despite, because)
    champion = workspace.registry.champion()
    if champion is not None and champion.version == version:
        return workspace.registry.promote(version, by, now).as_dict() | {"gate": []}
    conditions = gate(workspace, version, champion=champion, progress=progress)
    refused = failing(conditions, despite=despite)
    if refused:
        raise GateRefused(
            "; ".join(f"{each.code}: {each.says}" for each in refused),
            where=f"promotion of {version}",
            todo="mend what it says and train again; or answer for it: "
            f"--despite {','.join(each.code for each in refused)} --because REASON",
        )
    expected = None if champion is None else champion.version
    event = workspace.registry.promote(version, by, now, expected=expected, note=_note(conditions, despite, because))
    return event.as_dict() | {"gate": [each.to_json() for each in conditions]}


def gate(
    workspace: Workspace, version: str, *, champion: ModelVersion | None, progress: Progress = silent
) -> tuple[Condition, ...]:
    """Every condition of a version's promotion, with its figure.

    Raises:
        UserError: When its bundle is from before some of them, and does not say what they read.
    """
    challenger = load_model(workspace, version)
    check_says_all(version, challenger.bundle.metadata)
    own = conditions_of(challenger.bundle.metadata)
    return (*own, _against_champion(workspace, challenger, champion, progress))


def _refuse_unreasoned(despite: Sequence[str], because: str) -> None:
    unknown = sorted(set(despite) - set(CODES))
    if unknown:
        raise WrongUsage(f"there is no condition {', '.join(unknown)}", where="--despite", todo=f"one of {CODES}")
    if bool(despite) != bool(because.strip()):
        raise WrongUsage(
            "a condition that may fail needs a reason, and a reason a condition",
            where="--despite, --because",
            todo='--despite CALIBRATION --because "the rate doubled in May; recalibrated next month"',
        )


def _note(conditions: Sequence[Condition], despite: Sequence[str], because: str) -> str:
    figures = "; ".join(f"{each.code}: {each.says}" for each in conditions)
    return f"despite {', '.join(sorted(set(despite)))}, because {because.strip()}; {figures}" if despite else figures


def _against_champion(
    workspace: Workspace, challenger: LoadedModel, champion: ModelVersion | None, progress: Progress
) -> Condition:
    if champion is None:
        return champion_condition(None, why_not="there is no champion to compare with")
    standing = load_model(workspace, champion.version)
    entry = workspace.registry.get(challenger.version)
    recalibrated = challenger.bundle.metadata.get("recalibrated")
    if recalibrated and recalibrated["from"] == champion.version:
        return _moved_level(champion, recalibrated)
    if _same_leads(entry, champion):
        return _stored_figures(challenger, standing)
    return _duel(workspace, (challenger, entry), (standing, champion), progress)


def _same_leads(challenger: ModelVersion, champion: ModelVersion) -> bool:
    """Whether both were evaluated on the same leads, in the same windows."""
    mine, theirs = ((each.data_fingerprint, each.trained_as_of) for each in (challenger, champion))
    return mine == theirs


def _stored_figures(challenger: LoadedModel, champion: LoadedModel) -> Condition:
    """Both were trained on the same data on the same day: their evaluations are about the same leads."""
    mine, theirs = (_log_loss(each.bundle.metadata["evaluation"]) for each in (challenger, champion))
    if mine["value"] is None or theirs["value"] is None:
        return champion_condition(None, why_not="there are too few later leads to compare on")
    low = mine["value"] if mine["low"] is None else mine["low"]
    says = (
        f"log-loss {mine['value']:.4f} (from {low:.4f}), that of {champion.version} {theirs['value']:.4f}, "
        "on the same leads and windows"
    )
    return Condition("CHAMPION", low <= theirs["value"], says)


def _moved_level(champion: ModelVersion, recalibrated: Mapping[str, Any]) -> Condition:
    """The champion itself with another level, judged when it was made on leads that the level was not fitted on."""
    from salesworthy.model.metrics import Figure

    leads, positives = recalibrated["judged_on"], recalibrated["positives"]
    return champion_condition(Duel(champion.version, leads, positives, Figure(**recalibrated["difference"])))


def _log_loss(evaluation: Mapping[str, Any]) -> dict[str, float | None]:
    found: dict[str, float | None] = evaluation["pooled"]["salesworthy"]["log_loss"]
    return found


def _duel(
    workspace: Workspace,
    challenging: tuple[LoadedModel, ModelVersion],
    standing: tuple[LoadedModel, ModelVersion],
    progress: Progress,
) -> Condition:
    from salesworthy.model.conversion import ConversionModel
    from salesworthy.model.duel import duel
    from salesworthy.runs.features import opened
    from salesworthy.runs.label_rule import rule_as_recorded
    from salesworthy.runs.training_set import labelled_handoffs

    (challenger, entry), (champion, known) = challenging, standing
    progress("comparing with the champion", 0.0)
    with opened(workspace) as data:
        rule = rule_as_recorded(data, as_of=entry.trained_as_of)
        mine = labelled_handoffs(data, challenger.catalogue, rule, as_of=entry.trained_as_of)
        theirs = labelled_handoffs(data, champion.catalogue, rule, as_of=entry.trained_as_of)
    found, why_not = duel(
        mine,
        theirs.features,
        champion.bundle.model,
        version=champion.version,
        knew_until=known.trained_as_of,
        learned_until=parse_moment(champion.bundle.metadata["training"]["last_handoff"]),
        challenger=ConversionModel(
            directions=challenger.catalogue.directions,
            seed=SEED,
            settings=_settings(challenger, known.trained_as_of),
            max_rows=workspace.settings.training.max_rows,
        ),
    )
    progress("comparing with the champion", 1.0)
    return champion_condition(found, why_not=why_not)


def _settings(challenger: LoadedModel, moment: int) -> TreeSettings | None:
    """The challenger's tuned settings, where tuning had seen no label that was settled after a moment."""
    from salesworthy.model.boosting import TreeSettings

    tuning = challenger.bundle.metadata.get("tuning")
    if not (tuning and tuning["used"]) or parse_moment(tuning["tuned_until"]) > moment:
        return None
    return TreeSettings(**tuning["settings"])
