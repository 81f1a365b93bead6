"""Steps timed in one process, and written down as JSON."""

from __future__ import annotations

import json
import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
SHORT_RESULTS = RESULTS / "short"
"""Where the short form writes, so that figures of full size stay."""


class Timed:
    """Seconds per step, wall clock and processor."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.steps[name] = {
            "seconds": round(time.perf_counter() - wall, 3),
            "processor_seconds": round(time.process_time() - processor, 3),
        }
        print(f"  {name}: {self.steps[name]['seconds']:.1f} s")

    def seconds(self, name: str) -> float:
        return self.steps[name]["seconds"]

    def processor_seconds(self, name: str) -> float:
        return self.steps[name]["processor_seconds"]


def write(name: str, timed: Timed, **facts: object) -> None:
    """Write one benchmark's result beside the others."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    document = {
        "benchmark": name,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "peak_memory_mb": peak_memory_mb(),
        "steps": timed.steps,
        **facts,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps({key: value for key, value in document.items() if key != "steps"}))


def peak_memory_mb() -> int:
    """Of this process alone: ``ru_maxrss`` begins with what its parent had, and stands in where there is no /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
