"""The application that commands register with, and the options that they share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salesworthy.cli.metrics import begin

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace

app = typer.Typer(
    name="salesworthy",
    help="Decides which medtech leads are worth a salesperson's time, and says why.",
    epilog="Start with: salesworthy init demo --example",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="MOMENT", help="Day or ISO 8601 moment; a day means its first instant. Default: now."
    ),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; written to the ledger.")]
Draft = Annotated[
    bool, typer.Option("--draft", help="Let a policy decide that is not approved; everything written says so.")
]


class EngineKind(StrEnum):
    """Where features and rules run."""

    DUCKDB = "duckdb"
    SPARK = "spark"


Engine = Annotated[
    EngineKind | None, typer.Option("--engine", help="Where features and rules run. Default: engine.kind.")
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="VERSION", help="A model version instead of the champion.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where runs are published. Default: `out` in the workspace.")
]


@dataclass(frozen=True)
class Chosen:
    """What stands before the command."""

    folder: Path

    def open(self, engine: EngineKind | None = None) -> Workspace:
        """The workspace in that folder, with another engine than its settings name where one is given."""
        from salesworthy.runs.workspace import open_workspace

        chosen = {} if engine is None else {"SALESWORTHY__ENGINE__KIND": engine.value}
        return open_workspace(self.folder, environ={**os.environ, **chosen})


@app.callback()
def choose(
    context: typer.Context,
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace; the current folder by default.")
    ] = Path(),
    metrics: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="SALESWORTHY_METRICS",
            help="Write figures for Prometheus there at the end.",
        ),
    ] = None,
) -> None:
    """Decides which medtech leads are worth a salesperson's time, and says why."""
    begin(metrics, context.invoked_subcommand)
    context.obj = Chosen(workspace)
