"""Files that are damaged on purpose: cut short, or with one bit turned."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

CUT, TURNED = "cut short", "one bit turned"
HOW = (CUT, TURNED)


@dataclass(frozen=True)
class Damage:
    """What happens to a file.

    Attributes:
        path: Inside the workspace.
        how: One of ``HOW``.
        place: Where, as a share of the file's length.
        bit: Which bit of the byte there.
        is_silent: Whether the file keeps its time stamp, as when a disk does it.
    """

    path: str
    how: str
    place: float
    bit: int = 0
    is_silent: bool = False

    def do(self, workspace: Path) -> bytes:
        """Damage the file; returns what it held."""
        path = workspace / self.path
        held, facts = path.read_bytes(), path.stat()
        at = min(int(self.place * len(held)), max(len(held) - 1, 0))
        path.write_bytes(held[:at] if self.how == CUT else _turned(held, at, self.bit))
        if self.is_silent:
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        return held


def _turned(held: bytes, at: int, bit: int) -> bytes:
    return held[:at] + bytes([held[at] ^ (1 << bit)]) + held[at + 1 :]


def drawn(paths: list[str], tries: int, *, how: str, seed: int) -> list[Damage]:
    """So many damages of one kind, over files that are drawn; every second one leaves the time stamp as it was."""
    draw = random.Random(f"{seed} {how} {paths}")  # noqa: S311
    return [
        Damage(draw.choice(paths), how, draw.random(), draw.randrange(8), is_silent=bool(number % 2))
        for number in range(tries)
    ]
