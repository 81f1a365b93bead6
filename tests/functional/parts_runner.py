"""The command line with small parts: python -m tests.functional.parts_runner KILL_AFTER RUN_ID COMMAND...

It kills itself once so many parts are finished; 0 for never. Else it says how many there were. RUN_ID is what a run is
called, whatever its data; - for its own name.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

from salesworthy.cli.main import main
from salesworthy.runs import score, score_parts, site_answers
from salesworthy.runs.journal import Journal

LEADS, SITES = 300, 50


def run(kill_after: int, run_id: str, command: list[str]) -> None:
    finish, finished = Journal.finish, []

    def counted(self, part, files, **facts):
        finish(self, part, files, **facts)
        finished.append(part)
        if len(finished) == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.finish = counted
    score_parts.LEADS, site_answers.SITES = LEADS, SITES
    if run_id != "-":
        score.run_id_of = lambda **_: run_id
    atexit.register(lambda: print(f"{len(finished)} parts", file=sys.stderr))
    main(command)


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
