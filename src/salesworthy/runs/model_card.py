"""The model card: what a model is for, what it learned from, how good it was, and where it must not be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FIGURES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "log_loss": "log-loss",
    "ece": "expected calibration error",
    "calibration_slope": "calibration slope",
    "calibration_intercept": "calibration intercept",
    "lift_at_10": "lift in the best tenth",
}


def model_card(version: str, metadata: Mapping[str, Any]) -> str:
    """A model's card as Markdown.

    Args:
        version: The version, such as ``v3``.
        metadata: What the bundle says of itself: training, label, evaluation, versions.
    """
    training, label = metadata["training"], metadata["label"]
    lines = [
        f"# Model card: {version}",
        "",
        "**For.** Ordering leads by the calibrated probability that sales accepts them within "
        f"{label['window_days']:g} days, beside fit rules that people own. A person decides about each lead: the "
        "figure and its reasons are shown to sales, who may act otherwise and say so.",
        "",
        "**Not for.** Decisions about persons outside business marketing; ranking sales people; leads of a market, a "
        "product or a region that the training data do not hold; leads that sales was never given, for which outcomes "
        "were never seen.",
        "",
        f"**Learned from.** {training['handoffs']} handoffs with a mature label, {training['positives']} of them "
        f"accepted, from {training['first_handoff'][:10]} to {training['last_handoff'][:10]}; labels as settled "
        f"on {training['as_of'][:10]}; {training['not_mature_or_not_judged']} more were too young or never judged.",
        "",
        f"**Made.** {_made({**metadata['model'], 'tuning': metadata.get('tuning')})}",
        "",
        "**Evaluated** in order of time, on later handoffs than it was fitted on (pooled, with 95 % intervals):",
        "",
        *_figures(metadata["evaluation"]["pooled"]),
        "",
        *(f"- Warning: {warning}" for warning in metadata["evaluation"]["warnings"]),
        "",
        "**Limits.**",
        "",
        *(f"- {limit}" for limit in _limits(training, metadata["evaluation"])),
        "",
        f"**Leads that were never sent.** {_sentences(metadata['evaluation']['selection']['says'])}",
        "",
        *_leakage(metadata.get("leakage", {})),
        *_reasons(metadata["reasons"]),
        "**Made with.** " + ", ".join(f"{name} {number}" for name, number in metadata["versions"].items()) + ".",
    ]
    return "\n".join(lines) + "\n"


def _limits(training: Mapping[str, Any], evaluation: Mapping[str, Any]) -> Iterator[str]:
    """What the figures do not reach to, in words."""
    yield (
        f"The probabilities speak for leads like those handed over up to {training['last_handoff'][:10]}. A new "
        "market, product or kind of campaign is outside; drift is watched, and outcomes are graded as they come in."
    )
    unseen = evaluation["unseen_accounts"]
    if unseen is not None:
        ours = unseen["salesworthy"]
        yield (
            f"On accounts that it had never seen, ROC AUC was {_figure(ours['roc_auc'])} and the expected calibration "
            f"error {_figure(ours['ece'])}."
        )
    yield "By how much single sources, regions, roles or products are off stands in the evaluation report, with counts."
    yield "Reasons say what the score rests on, exactly. They do not say what would make sales accept a lead."


def _sentences(says: Sequence[str]) -> str:
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in says)


def _made(model: Mapping[str, Any]) -> str:
    recipe, left_out = model["recipe"], model["left_out"]
    kind = {
        "constant": "The rate alone",
        "logistic": "Logistic regression",
        "boosted": f"Logistic regression with {recipe['trees']} LightGBM trees",
    }[recipe["kind"]]
    weighted = "recent handoffs count more" if recipe["half_life"] else "all handoffs count alike"
    unused = "; ".join(f"{name} ({why})" for name, why in left_out.items())
    notes = "".join(f" {note[:1].upper()}{note[1:]}." for note in recipe["notes"])
    says = f"{kind}; {weighted}; chosen because {recipe['why']}.{_settings(recipe['settings'], model)}{notes}"
    says += f" Calibration: {model['calibration']['says']}."
    return says + (f" Not used: {unused}." if unused else "")


def _settings(settings: Mapping[str, Any] | None, model: Mapping[str, Any]) -> str:
    """How the trees were grown, and whether tuning found that."""
    if settings is None:
        return ""
    grown = f" Trees have at most {settings['leaves']} leaves and learn at a rate of {settings['rate']:g}"
    tuning = model.get("tuning")
    if not (tuning and tuning["used"]):
        return f"{grown}, the default settings."
    stale = "".join(f" {each[:1].upper()}{each[1:]}." for each in tuning["stale"])
    return f"{grown}, settings tuned on labels settled by {tuning['tuned_until']} ({tuning['why']}).{stale}"


def _reasons(checks: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the checks of the model's reasons found."""
    marks = {True: "holds", False: "below the aim", None: "cannot be judged"}
    lines = [
        f"- {each['code']} {'is untrue' if each['untrue'] else marks[each['holds']]}: {each['says']}."
        for each in checks
    ]
    return ["**Reasons**, checked on the latest leads that it learned from:", "", *lines, ""]


def _leakage(audit: Mapping[str, Any]) -> list[str]:
    """What the leakage audit found, and who answers for it."""
    if not audit:
        return []
    found = audit["findings"]
    lines = [
        f"- `{each['column']}`, {each['code']}: {each['evidence']}."
        + (f" Answered for: {each['waived']}." if "waived" in each else "")
        for each in found
    ]
    says = "nothing found" if not found else "found, and not taken for a reason to stop or answered for:"
    return [f"**Leakage audit.** {audit['checked']} columns checked; {says}", "", *lines, *([""] if lines else [])]


def _figures(pooled: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = list(pooled)
    header = f"| figure | {' | '.join(names)} |"
    rule = "|---|" + "---|" * len(names)
    rows = [
        f"| {title} | " + " | ".join(_figure(pooled[name].get(key)) for name in names) + " |"
        for key, title in FIGURES.items()
    ]
    return [header, rule, *rows]


def _figure(figure: Mapping[str, Any] | None) -> str:
    if not figure or figure.get("value") is None:
        return "-"
    if figure.get("low") is None:
        return f"{figure['value']:.3f}"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
