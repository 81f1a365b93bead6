"""The store that ``serve`` reads from: the newest run of a workspace and the tables behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.store.store import Store

FOLDER = "pages"
"""Folder of the cache with what pages read; safe to delete."""


def store_of(workspace: Workspace) -> Store:
    """The store of a workspace; it goes on to the next run as soon as there is one."""
    from salesworthy.web.store.latest import Latest
    from salesworthy.web.store.store import Store

    latest = Latest(workspace.default_out.resolve(), workspace.cache / FOLDER, lambda: _tables(workspace))
    latest.load()
    latest.watch()
    return Store(latest)


def _tables(workspace: Workspace) -> Mapping[str, Path]:
    """Checked tables that the workspace has."""
    from salesworthy.runs.check import checked_tables

    return checked_tables(workspace).paths
