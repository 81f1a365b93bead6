"""``salesworthy features``: point-in-time features for a spine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salesworthy.cli.app import AsJson, Engine, app
from salesworthy.cli.terminal import print_result, progress_bar


@app.command(epilog="Example: salesworthy features --spine spine.csv --out features.parquet")
def features(
    context: typer.Context,
    *,
    spine: Annotated[Path, typer.Option("--spine", metavar="FILE", help="CSV or Parquet with lead_id and as_of.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Parquet, or CSV where the name ends so.")],
    engine: Engine = None,
    as_json: AsJson = False,
) -> None:
    """Build features as they were known at each row's moment; one row per row of the spine, in its order."""
    from salesworthy.runs.features import features_for_spine, read_spine, write_features

    workspace = context.obj.open(engine)
    with progress_bar() as progress:
        found = features_for_spine(workspace, read_spine(spine), progress=progress)
    write_features(found, out)
    document = {"out": str(out), "rows": found.num_rows, "columns": found.column_names}
    print_result(document, f"Wrote {found.num_rows:,} rows, {found.num_columns} columns to {out}", as_json=as_json)
