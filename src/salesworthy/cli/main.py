"""The entry point: runs a command and turns its errors into messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from typer.exceptions import Abort, Exit, TyperException

from salesworthy.cli import (  # noqa: F401  # each registers its command
    audit,
    check,
    drift,
    duplicates,
    erase,
    evaluate,
    explain,
    export,
    features,
    feedback,
    grade,
    init,
    leakage,
    market,
    models,
    people,
    policy,
    response,
    retain,
    review,
    score,
    serve,
    train,
    tune,
)
from salesworthy.cli.app import app
from salesworthy.cli.metrics import begin, current
from salesworthy.cli.terminal import now, say, to_json
from salesworthy.domain.errors import ConfigurationMistakes, ExitCode, UserError, WrongUsage

_PATH = "check the path: every folder on the way to a file must be one"
_RIGHTS = "give the right to write there, or choose another place"
_SPACE = "free some space, or choose another place; nothing was published"
REFUSED = {
    errno.ENOENT: _PATH, errno.ENOTDIR: _PATH, errno.EISDIR: _PATH, errno.EEXIST: _PATH, errno.ENAMETOOLONG: _PATH,
    errno.EACCES: _RIGHTS, errno.EPERM: _RIGHTS, errno.EROFS: _RIGHTS,
    errno.ENOSPC: _SPACE, errno.EDQUOT: _SPACE, errno.EFBIG: _SPACE,
    errno.EIO: "the disk or the network behind it fails: see the machine's log, then repeat; nothing was published",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then repeat",
}  # fmt: skip
"""What a file system refuses, and what to do then."""
OUT_OF_MEMORY = {"MemoryError", "ArrowMemoryError", "OutOfMemoryException"}
"""Names of the errors, since naming the classes would load their libraries."""
PANIC = "PanicException"
"""What Polars raises where Rust gives up; no ``Exception``, though it ends one command and nothing else."""
NO_ROOM = (
    "Cannot allocate memory", "can't start new thread", "Resource temporarily unavailable", "failed to map segment",
)  # fmt: skip
"""What libraries say, in errors of other names, where there is no room for a block, a thread or a library."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and leave the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    begin(None, None)
    code = run(given)
    try:
        current().write(code, now())
    except OSError as error:
        say(f"the metrics could not be written: {error}")
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns its exit code."""
    try:
        ended = app(args=list(arguments), standalone_mode=False)
    except Exit as stop:
        return int(stop.exit_code)
    except (Abort, KeyboardInterrupt):
        say("stopped")
        return 130
    except TyperException as error:
        _report(_as_usage(error), as_json="--json" in arguments)
        return int(ExitCode.WRONG_USAGE)
    except UserError as error:
        _report(error, as_json="--json" in arguments)
        return int(error.exit_code)
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise
        found = _as_refusal(error)
        if found.exit_code == ExitCode.INTERNAL:
            sys.excepthook(*sys.exc_info())
        _report(found, as_json="--json" in arguments)
        return int(found.exit_code)
    return ended if isinstance(ended, int) else int(ExitCode.DONE)  # a command that ends by typer.Exit gives its code


def _as_usage(error: TyperException) -> WrongUsage:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "salesworthy"
    return WrongUsage(error.format_message(), where=command, todo=f"see: {command} --help")


def _as_refusal(error: BaseException) -> UserError:
    """What the file system refused is for its user to mend; everything else is a defect of ours."""
    if isinstance(error, OSError) and error.errno in REFUSED:
        place = "" if error.filename is None else str(error.filename)
        return UserError(os.strerror(error.errno), where=place, todo=REFUSED[error.errno])
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if OUT_OF_MEMORY & kinds or any(said in str(error) for said in NO_ROOM):
        todo = "give the process more, or set engine.memory_limit and scoring.batch_rows lower; nothing was published"
        return UserError("there is not enough memory", where="this machine", todo=todo)
    return UserError(
        f"{type(error).__name__}: {error}",
        where="internal error",
        todo="this is a defect of salesworthy, not of your input: please report it with the lines above",
        exit_code=ExitCode.INTERNAL,
    )


def _report(error: UserError, *, as_json: bool) -> None:
    say(f"error: {error.message}", event="failed", where=error.where, exit_code=int(error.exit_code))
    if as_json:
        found: dict[str, Any] = {
            "what": error.what,
            "where": error.where,
            "todo": error.todo,
            "exit_code": int(error.exit_code),
        }
        if isinstance(error, ConfigurationMistakes):
            found["mistakes"] = [asdict(mistake) for mistake in error.mistakes]
        sys.stdout.write(to_json({"error": found}) + "\n")


if __name__ == "__main__":
    main()
