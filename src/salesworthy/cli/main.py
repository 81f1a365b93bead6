"""The entry point: runs a command and turns its errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from typer.exceptions import Abort, Exit, TyperException

from salesworthy.cli import (  # noqa: F401  # each registers its command
    check,
    evaluate,
    explain,
    features,
    init,
    market,
    models,
    score,
    train,
)
from salesworthy.cli.app import app
from salesworthy.cli.terminal import say, to_json
from salesworthy.domain.errors import ExitCode, UserError, WrongUsage


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and leave the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns its exit code."""
    try:
        app(args=list(arguments), standalone_mode=False)
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
    except Exception:
        sys.excepthook(*sys.exc_info())
        say("This is a defect of salesworthy, not of your input. Please report it with the lines above.")
        return int(ExitCode.INTERNAL)
    return int(ExitCode.DONE)


def _as_usage(error: TyperException) -> WrongUsage:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "salesworthy"
    return WrongUsage(error.format_message(), where=command, todo=f"see: {command} --help")


def _report(error: UserError, *, as_json: bool) -> None:
    say(f"error: {error.message}")
    if as_json:
        document = {
            "error": {"what": error.what, "where": error.where, "todo": error.todo, "exit_code": int(error.exit_code)}
        }
        sys.stdout.write(to_json(document) + "\n")


if __name__ == "__main__":
    main()
