"""Policies that pages can show: the workspace's own, those that reviews keep, and those behind published runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesworthy.policy.document import Policy
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import KnownPolicy

_KEY = 12


class Policies:
    """Policies of a workspace by the start of the hash of what people signed.

    Args:
        workspace: Whose.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read: dict[Path, tuple[int, Policy]] = {}

    def all(self) -> tuple[KnownPolicy, ...]:
        """Every policy, the workspace's own first, then the newest."""
        from salesworthy.web.work import KnownPolicy

        own = self._own()
        found = {policy.content_hash[:_KEY]: policy for policy in (*self._of_runs(), *self._kept())}
        if own is not None:
            found.pop(own.content_hash[:_KEY], None)
        past = sorted(found.items(), key=lambda each: each[1].version, reverse=True)
        listed = [KnownPolicy(key, f"{policy.version} ({key[:6]})", False) for key, policy in past]
        mine = [] if own is None else [KnownPolicy(own.content_hash[:_KEY], f"{own.version}, of the workspace", True)]
        return (*mine, *listed)

    def get(self, key: str) -> Policy | None:
        """The policy of a key; None where there is none."""
        own = self._own()
        if own is not None and own.content_hash[:_KEY] == key:
            return own
        every = (*self._of_runs(), *self._kept())
        return next((policy for policy in every if policy.content_hash[:_KEY] == key), None)

    def _own(self) -> Policy | None:
        from salesworthy.policy.loading import load_policy
        from salesworthy.runs.run_policy import policy_folder

        folder = policy_folder(self._workspace)
        return None if folder is None else self._once(folder, load_policy)

    def _of_runs(self) -> Iterator[Policy]:
        from salesworthy.policy.document import Policy

        for path in sorted(self._workspace.default_out.glob("runs/*/policy.json")):
            with suppress(ValueError):  # written by another version of ours, in a way that this one does not know
                yield self._once(path, lambda place: Policy.from_json(place.read_text(encoding="utf-8")))

    def _kept(self) -> Iterator[Policy]:
        from salesworthy.policy.loading import load_policy
        from salesworthy.runs.review_files import folder_of_reviews

        for path in sorted(folder_of_reviews(self._workspace).glob(".policies/*/")):
            yield self._once(path, load_policy)

    def _once(self, path: Path, read: Callable[[Path], Policy]) -> Policy:
        changed = max(each.stat().st_mtime_ns for each in (path, *path.glob("*.yaml")))
        known = self._read.get(path)
        if known is None or known[0] != changed:
            known = (changed, read(path))
            self._read[path] = known
        return known[1]
