"""Commands of the product in processes of their own, forked from one that has loaded the libraries already.

Loading costs a third of a command on a small market. A fork is a process as any other: it has its own memory, its own
locks, and it can be killed. Tests of loading itself, and of what a user types first, start Python anew.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

LONGEST_SECONDS = 1800
"""A command that takes longer hangs: the test fails, instead of keeping all others from running."""


@cache
def _server() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.functional.preloaded", __name__])
    return context


def started(
    arguments: Sequence[object], *, out: Path, err: Path, environ: Mapping[str, str], folder: Path | None = None
) -> BaseProcess:
    """Start a command line of the product; its ``exitcode`` is that of the command, once it was joined.

    Args:
        arguments: Without the name of the command.
        out: Where its standard output goes.
        err: Where its standard error goes.
        environ: Its whole environment.
        folder: Its working folder; that of this process by default.
    """
    given = ([str(each) for each in arguments], str(out), str(err), dict(environ), str(folder or Path.cwd()))
    process = _server().Process(target=_command, args=given)
    process.start()
    return process


def finished(
    arguments: Sequence[object], *, environ: Mapping[str, str], folder: Path | None = None
) -> tuple[int, str, str]:
    """Run a command line of the product to its end: exit code, standard output, standard error."""
    with TemporaryDirectory(prefix="salesworthy-command-") as scratch:
        out, err = Path(scratch) / "out", Path(scratch) / "err"
        process = started(arguments, out=out, err=err, environ=environ, folder=folder)
        process.join(LONGEST_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(
                f"{arguments[0]} had not ended after {LONGEST_SECONDS} s: {err.read_text('utf-8')[-2000:]}"
            )
        return process.exitcode, out.read_text("utf-8"), err.read_text("utf-8")


def _command(arguments: list[str], out: str, err: str, environ: dict[str, str], folder: str) -> None:
    from salesworthy.cli.main import main

    for path, descriptor in ((out, 1), (err, 2)):
        opened = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["salesworthy", *arguments]
    main(arguments)
