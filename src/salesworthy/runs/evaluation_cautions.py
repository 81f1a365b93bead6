"""Chapters of an evaluation page that say how far its figures reach: accounts, chance, selection, leakage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesworthy.reporting.html import Html, callout, items, joined, paragraph, table, tag
from salesworthy.reporting.numbers import cell, with_interval
from salesworthy.runs.evaluation_words import FIGURES, name_of, sentence

Report = Mapping[str, Any]


def accounts(report: Report) -> Html:
    """Skill on accounts that were learned from, and on new ones."""
    parts = report["seen_accounts"]
    if parts is None:
        return paragraph(
            "The data do not say which account a lead belongs to, so skill and memory cannot be told apart."
        )
    names = {"seen": "accounts learned from", "unseen": "new accounts"}
    shown = ("roc_auc", "log_loss", "ece")
    rows = [
        [name_of(contender), names[kind], f"{part['leads']:,}", *(cell(with_interval(measured[key])) for key in shown)]
        for contender in report["curves"]
        for kind, part in parts.items()
        for measured in [part["contenders"][contender]]
    ]
    header = ["contender", "leads of", "leads", *(FIGURES[key] for key in shown)]
    return joined(
        [
            paragraph(
                "On accounts that a contender has learned from, part of its skill may be memory. What it can do on "
                "accounts that it has never seen is what a growing business needs."
            ),
            table(header, rows, numbers=range(2, len(header)), says="Known and new accounts"),
        ]
    )


def random(report: Report) -> Html:
    """What a random split would have shown, and why it is no figure of the model."""
    evaluation = report["evaluation"]
    rows = [
        [
            name_of(name),
            cell(with_interval(each["roc_auc"])),
            cell(with_interval(evaluation["pooled"][name]["roc_auc"])),
        ]
        for name, each in evaluation["random_split"].items()
    ]
    return joined(
        [
            callout(
                "These are not the model's figures. Splitting leads at random lets a contender see the future of the "
                "leads that it is tested on. They stand here because others publish theirs like this.",
                kind="warning",
            ),
            table(
                ["contender", "ROC AUC, random split", "ROC AUC, in order of time"],
                rows,
                numbers=[1, 2],
                says="A random split",
            ),
        ]
    )


def selection(report: Report) -> Html:
    """What can be said of leads that sales was never given, and what cannot."""
    found = report["evaluation"]["selection"]
    again = found["reweighted"]
    parts = [paragraph("Outcomes are known only for leads that sales was given. All figures above speak for those.")]
    parts.append(items(map(sentence, found["says"])))
    if again is not None:
        rows = [
            [name_of(name), *(cell(with_interval(of[key])) for key in ("log_loss", "roc_auc", "ece"))]
            for name, of in again["contenders"].items()
        ]
        parts.append(
            paragraph(
                "Leads drawn at random stand for those like them that were not sent. Counted so, the figures speak for "
                "all leads:"
            )
        )
        parts.append(
            table(
                ["contender", "log-loss", "ROC AUC", "calibration error"], rows, numbers=[1, 2, 3], says="For all leads"
            )
        )
    return joined(parts)


def leakage(report: Report) -> Html:
    """What the leakage audit found, and who answers for it."""
    audit = report["leakage"]
    if not audit["findings"]:
        return paragraph(f"{audit['checked']} columns were checked; none of them knows the outcome.")
    rows = [
        [
            tag("code", each["column"]),
            "blocked" if each["severity"] == "block" else "warning",
            each["code"].replace("_", " ").lower(),
            each["evidence"],
            each.get("waived", ""),
        ]
        for each in audit["findings"]
    ]
    says = f"{audit['checked']} columns were checked for knowledge of the outcome."
    return joined(
        [
            paragraph(says),
            table(["column", "severity", "finding", "evidence", "answered for by"], rows, says="Findings"),
        ]
    )
