"""Models: champion, challengers, figures, cards."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Response
from markupsafe import Markup

from salesworthy.reporting.markdown import from_markdown
from salesworthy.reporting.numbers import with_interval
from salesworthy.web.access import MODELS
from salesworthy.web.refusals import NotFound
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page
from salesworthy.web.visit import Here

area = Area()
FIGURES = {
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "brier": "Brier score",
    "log_loss": "Log-loss",
    "ece": "Calibration error",
    "calibration_slope": "Calibration slope",
    "lift_at_10": "Lift in the best tenth",
}
IN_SHORT = {"roc_auc": "ROC AUC", "log_loss": "Log-loss", "ece": "Calibration error"}
"""Figures in the list of versions."""
CONTENDERS = {
    "salesworthy": "This model",
    "logistic": "Logistic regression",
    "lightgbm_default": "LightGBM as it comes",
    "rules": "The rules alone",
    "constant": "The usual rate",
    "champion": "The champion then",
}
_SERVERS = ("http://", "https://")


@area.get("/models", access=MODELS)
def models(visit: Here) -> Response:
    """Every version: the champion first, then the newest."""
    found = list(reversed(visit.services.work.models()))
    found.sort(key=lambda each: each["role"] != "champion")
    told = [{**each, "cells": _in_short(each["figures"])} for each in found]
    promotions = list(reversed(visit.services.ledger.promotions()))
    return page(visit, "models.html", models=told, promotions=promotions, columns=IN_SHORT)


@area.get("/models/{version}", access=MODELS)
def model(visit: Here, version: str) -> Response:
    """A version: how good it was beside the others, its card, and where MLflow keeps it."""
    found = visit.services.work.model(version)
    if found is None:
        raise NotFound("model")
    card = from_markdown((found["card"] or "").partition("\n")[2], below=2)
    return page(
        visit,
        "model.html",
        model=found,
        card=Markup(card),  # noqa: S704 -- made of escaped text by reporting
        figures=_table(found["evaluation"]["pooled"]) if found["evaluation"] else [],
        columns=FIGURES,
        mlflow=_mlflow(found),
    )


def _in_short(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """Titles of the figures in the list, with the version's own."""
    ours = figures.get("salesworthy", {})
    return [(title, with_interval(ours[name]) if name in ours else "-") for name, title in IN_SHORT.items()]


def _table(pooled: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per contender, this model first."""
    order = [name for name in CONTENDERS if name in pooled] + [name for name in pooled if name not in CONTENDERS]
    return [
        {
            "name": CONTENDERS.get(name, name),
            "is_ours": name == "salesworthy",
            "cells": [with_interval(pooled[name][figure]) if figure in pooled[name] else "-" for figure in FIGURES],
        }
        for name in order
    ]


def _mlflow(found: dict[str, Any]) -> dict[str, str | None]:
    """Where MLflow keeps the training: an address for a server, the command that opens it for a local store."""
    run, place = found["mlflow_run_id"], str(found["mlflow"])
    if run is None:
        return {"address": None, "says": "MLflow holds no record of it."}
    if place.startswith(_SERVERS):
        return {"address": f"{place.rstrip('/')}/#/runs/{quote(run, safe='')}", "says": f"run {run}"}
    return {"address": None, "says": f"run {run}; open it with: mlflow ui --backend-store-uri {_without_secret(place)}"}


def _without_secret(place: str) -> str:
    """A database's address without who signs in there."""
    scheme, found, rest = place.partition("://")
    return f"{scheme}{found}{rest.rpartition('@')[2]}"
