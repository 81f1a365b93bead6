"""The newest run, always ready: its index is built beside the pages while the one before goes on being read."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from salesworthy.web.store.building import build_beside, build_index, index_path
from salesworthy.web.store.index import Index
from salesworthy.web.store.sources import Sources, find_sources

_LOG = logging.getLogger("salesworthy.web")
EVERY = 5.0
"""Seconds between looks at ``OUT/latest``."""
_KEPT = 2
_DAY = 86_400


class Latest:
    """The index of the newest published run.

    Args:
        out: The place that runs are published to.
        folder: Where indexes are; safe to delete.
        tables: Gives the checked tables, table -> Parquet file; asked whenever another run was published.

    Example:
        >>> Latest(Path("out"), Path("pages"), lambda: {}).index is None
        True
    """

    def __init__(self, out: Path, folder: Path, tables: Callable[[], Mapping[str, Path]]) -> None:
        self._out = out
        self._folder = folder
        self._tables = tables
        self._seen: tuple[Path, int] | None = None
        self._stop = threading.Event()
        self.index: Index | None = None

    def load(self) -> None:
        """Read the newest run here and now, building its index where there is none."""
        sources = self._changed()
        if sources is not None:
            self._open(sources, build_index(sources, self._folder))

    def watch(self) -> None:
        """From now on look for another run every few seconds, in a thread of its own, until ``close``."""
        threading.Thread(target=self._watch, name="newest run", daemon=True).start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self._follow()
            except Exception:  # pages go on with what they have, whatever became of the newest run
                _LOG.exception("the newest run cannot be read; pages show the one before")

    def _follow(self) -> None:
        sources = self._changed()
        if sources is None:
            return
        process = multiprocessing.get_context("spawn").Process(target=build_beside, args=(sources, self._folder))
        process.start()
        process.join()
        self._open(sources, index_path(self._folder, sources))

    def _changed(self) -> Sources | None:
        """The newest run, where it is not the one that is read already."""
        mark = self._mark()
        if mark is None or mark == self._seen:
            return None
        sources = find_sources(self._out, self._tables())
        self._seen = mark
        return sources

    def _mark(self) -> tuple[Path, int] | None:
        """Which run is the newest, and when it was written: an erasure writes a run anew under its own name."""
        try:
            manifest = (self._out / "latest").resolve(strict=True) / "manifest.json"
            return manifest, manifest.stat().st_mtime_ns
        except OSError:
            return None

    def _open(self, sources: Sources, path: Path) -> None:
        self.index = Index(path, sources.run)
        _clean(self._folder, keep=path)


def _clean(folder: Path, *, keep: Path) -> None:
    """Remove all but the newest indexes; what a reader has open stays readable until it lets go."""
    others = [path for path in folder.glob(f"*{keep.suffix}") if path != keep]
    for path in sorted(others, key=lambda each: each.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        for each in (path, *folder.glob(f"{path.stem}-*")):  # documents of a run go with its index
            each.unlink(missing_ok=True)
