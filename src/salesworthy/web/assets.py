"""Static files of the package: kept in memory, named with the hash of their content, so that browsers keep them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
"""Ending -> media type of what is served; other files in the folder are not."""
PREFIX = "/static/"


@dataclass(frozen=True)
class Asset:
    """A static file: its bytes, plain and compressed, its media type, and the start of its hash."""

    content: bytes
    packed: bytes
    kind: str
    mark: str


class Assets:
    """The static files of the package, by the path below ``static``."""

    def __init__(self, folder: Path = STATIC) -> None:
        self.files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in KINDS
        }

    def address(self, name: str) -> str:
        """Where a page finds a file.

        Raises:
            KeyError: When there is no such file.
        """
        return f"{PREFIX}{name}?v={self.files[name].mark}"


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0)
    return Asset(content, packed, KINDS[path.suffix], sha256(content).hexdigest()[:12])
