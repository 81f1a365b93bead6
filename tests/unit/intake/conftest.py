"""Small raw tables, checked: files are written, settings are TOML, rows come back as plain Python."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from salesworthy.domain.moments import to_micros, zone
from salesworthy.intake.check import check_tables
from salesworthy.intake.checked import CheckedTables
from salesworthy.runs.settings import load_settings

LEADS = "lead_id,created_at\nA,2024-01-01\nB,2024-01-02\n"
PLAIN = '[tables.leads]\npath = "leads.csv"\n'


def parquet(**columns) -> bytes:
    stream = io.BytesIO()
    pl.DataFrame(columns).write_parquet(stream)
    return stream.getvalue()


def at(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=zone("UTC")))


@dataclass(frozen=True)
class Checked:
    """Checked tables with their rows."""

    tables: CheckedTables

    def rows(self, table: str = "leads") -> list[dict]:
        return pl.read_parquet(self.tables.paths[table]).to_dicts()

    def column(self, name: str, table: str = "leads") -> list:
        return pl.read_parquet(self.tables.paths[table])[name].to_list()

    def rejected(self, table: str = "leads") -> list[tuple]:
        """(code, column, file, row) of every row that was set aside."""
        if table not in self.tables.rejected:
            return []
        return pl.read_parquet(self.tables.rejected[table]).select("code", "column", "file", "row").rows()

    def report(self, table: str = "leads"):
        return next(each for each in self.tables.reports if each.table == table)

    def codes(self) -> set[str]:
        return {finding.code for finding in self.tables.findings}

    def finding(self, code: str):
        return next(finding for finding in self.tables.findings if finding.code == code)

    def kind(self, name: str, table: str = "leads"):
        return self.tables.schema[table][name].kind


@pytest.fixture
def check(tmp_path: Path):
    """Write files and settings, check them, and return what came of it."""

    def run(
        settings: str = PLAIN,
        files: dict[str, str | bytes] | None = None,
        *,
        refuse_undated=False,
        share=1.0,
        hashed=False,
    ):
        for name, content in ({"leads.csv": LEADS} | (files or {})).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        (tmp_path / "salesworthy.toml").write_text(settings, encoding="utf-8")
        loaded = load_settings(tmp_path, {})
        return Checked(
            check_tables(
                loaded.tables,
                root=tmp_path,
                timezone=zone(loaded.workspace.timezone),
                folder=tmp_path / "store",
                max_rejected_share=share,
                refuse_undated=refuse_undated,
                hashed=hashed,
            )
        )

    return run
