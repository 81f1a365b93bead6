"""Documents that pages ask for and that take seconds: worked out once per run, in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import Prepared

FAILED = "failed"
RETRY = 60.0
"""Seconds after which a document that could not be worked out is tried again when it is asked for."""


class Preparer:
    """Works documents out, one after the other, and keeps them in the cache.

    Args:
        workspace: Whose.
        folder: Where they are kept; safe to delete.
    """

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self._workspace = workspace
        self._folder = folder
        self._begun: set[Path] = set()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def prepared(self, name: str, run: str, as_of: int) -> Prepared:
        """A document of a run, or None as long as it is worked out; asking begins it.

        Args:
            name: One of ``DOCUMENTS``.
            run: Names run and tables.
            as_of: The moment of the question, in microseconds.
        """
        from salesworthy.web.work import Prepared

        path = self._folder / f"{run}-{name}.json"
        if path.is_file():
            found = json.loads(path.read_text(encoding="utf-8"))
            if not found[FAILED] or time.time() - path.stat().st_mtime < RETRY:
                return Prepared(found["document"], found[FAILED])
        with self._lock:
            is_new = path not in self._begun
            self._begun.add(path)
        if is_new:
            threading.Thread(target=self._work_out, args=(name, as_of, path), daemon=True).start()
        return Prepared()

    def _work_out(self, name: str, as_of: int, path: Path) -> None:
        with self._one_at_a_time:
            given = (self._workspace.folder, name, as_of, path)
            process = multiprocessing.get_context("spawn").Process(target=work_out, args=given, daemon=True)
            process.start()
            process.join()
            if not path.is_file():
                _write(path, {"document": None, FAILED: "it stopped without an answer; the log of the server says why"})
        with self._lock:
            self._begun.discard(path)


def work_out(folder: Path, name: str, as_of: int, path: Path) -> None:
    """Work a document out and write it, complete or not at all; pages that are served meanwhile come first."""
    from salesworthy.runs.workspace import open_workspace

    os.nice(10)
    found: dict[str, Any] = {"document": None, FAILED: ""}
    try:
        found["document"] = DOCUMENTS[name](open_workspace(folder), as_of)
    except UserError as error:
        found[FAILED] = error.what
    _write(path, found)


def _write(path: Path, found: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = path.with_name(f".{path.name}.stage")
    stage.write_text(json.dumps(found, default=str), encoding="utf-8")
    stage.replace(path)


def _drift(workspace: Workspace, as_of: int) -> Any:
    """The report as its page, because pages themselves do not reach what draws it; and its findings."""
    from salesworthy.runs.drift import drift_report

    found = drift_report(workspace, as_of=as_of)
    return {"page": found.page(), "findings": [each.as_dict() for each in found.findings]}


def _grading(workspace: Workspace, as_of: int) -> Any:
    from salesworthy.runs.grade import grade

    return grade(workspace, as_of=as_of).as_dict()


def _response(workspace: Workspace, as_of: int) -> Any:
    from salesworthy.runs.response import response

    return response(workspace, as_of=as_of).as_dict()


def _rules(workspace: Workspace, as_of: int) -> Any:
    from salesworthy.runs.rule_audit import audit_rules

    return audit_rules(workspace, as_of=as_of)


def _cases(workspace: Workspace, _as_of: int) -> Any:
    """Worked cases, each as of the day that it names."""
    from salesworthy.runs.governance import try_cases

    _, results = try_cases(workspace)
    return [
        {
            "code": each.case.code,
            "says": each.case.says,
            "decision": each.outcome.get("decision"),
            "decided_by": each.outcome.get("decided_by"),
            "failures": list(each.failures),
        }
        for each in results
    ]


def _trend(workspace: Workspace, as_of: int) -> Any:
    """Leads handed over per month and heaviest reason; a lead that was handed over again counts again."""
    from salesworthy.domain.moments import format_moment

    by_reason: dict[str, dict[str, int]] = {}
    months: set[str] = set()
    for each in workspace.ledger.decisions.until(as_of):
        month = format_moment(each.as_of)[:7]
        months.add(month)
        for code in each.reasons[:1]:
            counts = by_reason.setdefault(code, {})
            counts[month] = counts.get(month, 0) + 1
    return {"months": sorted(months), "by_reason": by_reason}


DOCUMENTS: dict[str, Callable[[Workspace, int], Any]] = {
    "drift": _drift,
    "grading": _grading,
    "response": _response,
    "rules": _rules,
    "cases": _cases,
    "trend": _trend,
}
"""Name -> how it is worked out."""
