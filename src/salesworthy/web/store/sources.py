"""What an index is made from: a published run, the checked tables behind it, and the run before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from salesworthy.domain.moments import parse_moment
from salesworthy.policy.document import Policy
from salesworthy.policy.in_force import PolicyInForce, policy_at_moment

MANIFEST = "manifest.json"
POLICY = "policy.json"
LATEST = "latest"
FORMAT = 2
"""Counted up when the index is written otherwise than before."""


@dataclass(frozen=True)
class Sources:
    """Where everything lies that pages show of leads.

    Attributes:
        run: Folder of the published run.
        tables: Checked table -> Parquet file; tables that the workspace does not have are left out.
        previous: Folder of the run before it; None where there is none.
    """

    run: Path
    tables: Mapping[str, Path]
    previous: Path | None = None

    @property
    def manifest(self) -> dict[str, Any]:
        """The run's manifest."""
        found: dict[str, Any] = json.loads((self.run / MANIFEST).read_text(encoding="utf-8"))
        return found

    @property
    def key(self) -> str:
        """Names the content: the same run on the same tables has the same index, another never has it."""
        parts = [str(FORMAT), self.run.name, _hash(self.run / MANIFEST)]
        parts += [f"{name}={path.parent.name}" for name, path in sorted(self.tables.items())]
        parts += [self.previous.name, _hash(self.previous / MANIFEST)] if self.previous else []
        return sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def as_of(self) -> int:
        """The moment of the run, in microseconds."""
        return parse_moment(self.manifest["as_of"])

    def policy(self) -> PolicyInForce | None:
        """What was in force for the run; None without a policy."""
        return policy_of(self.run)


def policy_of(run: Path) -> PolicyInForce | None:
    """What was in force for a published run; None without a policy."""
    path = run / POLICY
    if not path.is_file():
        return None
    manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    return policy_at_moment(Policy.from_json(path.read_text(encoding="utf-8")), parse_moment(manifest["as_of"]))


def find_sources(out: Path, tables: Mapping[str, Path]) -> Sources | None:
    """The newest run with the one before it; None where nothing was published.

    Args:
        out: The place that runs are published to.
        tables: Checked table -> Parquet file.
    """
    latest = out / LATEST
    if not (latest / MANIFEST).is_file():
        return None
    run = latest.resolve()
    return Sources(run, tables, _before(run))


def _before(run: Path) -> Path | None:
    """The newest run of an earlier moment."""
    moment = _as_of(run)
    others = [each for each in run.parent.iterdir() if (each / MANIFEST).is_file() and not each.name.startswith(".")]
    earlier = sorted((_as_of(each), each.name, each) for each in others if _as_of(each) < moment)
    return earlier[-1][2] if earlier else None


def _as_of(run: Path) -> int:
    return parse_moment(json.loads((run / MANIFEST).read_text(encoding="utf-8"))["as_of"])


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
