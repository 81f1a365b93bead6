"""Database tables, copied to Parquet before they are checked: any URL that Ibis can open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from salesworthy.domain.errors import UserError
from salesworthy.intake.settings import Origin

FILE_SCHEMES = ("sqlite", "duckdb")
ALIASES = {"postgresql": "postgres"}


def copy_table(origin: Origin, root: Path, target: Path) -> None:
    """Copy a table of a database to a Parquet file, its rows in the order of their values.

    Args:
        origin: A source with ``source`` and ``table``.
        root: Where relative paths of SQLite and DuckDB files start.
        target: The Parquet file to write.

    Raises:
        UserError: When the database cannot be reached, its driver is missing, or it has no such table.
    """
    import polars as pl

    connection = _connect(origin, root)
    try:
        rows = _table(connection, origin).to_pyarrow()
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"the table cannot be read: {_first_line(error)}", where=origin.shown) from error
    finally:
        connection.disconnect()
    frame = pl.from_arrow(rows)
    frame = frame if isinstance(frame, pl.DataFrame) else frame.to_frame()
    sortable = [name for name, dtype in frame.schema.items() if not dtype.is_nested()]
    frame.sort(sortable, nulls_last=True, maintain_order=True).write_parquet(target, statistics=False)


def _connect(origin: Origin, root: Path) -> Any:
    import ibis

    scheme, _, rest = (origin.source or "").partition("://")
    try:
        if scheme in FILE_SCHEMES:
            path = root / rest.lstrip("/") if not (root / rest).exists() else root / rest
            if not path.exists():
                raise UserError(
                    f"there is no file {rest.removeprefix('/')!r}", where=origin.shown, todo=f"paths start at {root}"
                )
            extra = {"read_only": True} if scheme == "duckdb" else {}
            return getattr(ibis, scheme).connect(str(path), **extra)
        getattr(ibis, ALIASES.get(scheme, scheme))
        return ibis.connect(origin.source)
    except UserError:
        raise
    except (ImportError, AttributeError) as error:
        todo = f"install it: pip install 'ibis-framework[{scheme}]'"
        raise UserError(f"the driver for {scheme} is not installed", where=origin.shown, todo=todo) from error
    except Exception as error:
        todo = "check the address, the name and the password"
        # The driver's message may hold the password: only its sort is told.
        raise UserError(
            f"the database cannot be opened ({type(error).__name__})", where=origin.shown, todo=todo
        ) from None


def _table(connection: Any, origin: Origin) -> Any:
    from salesworthy.domain.names import nearest

    schema, _, name = (origin.table or "").rpartition(".")
    place = {"database": schema} if schema else {}
    known = connection.list_tables(**place)
    if name not in known:
        raise UserError(f"there is no table {origin.table!r}", where=origin.shown, todo=nearest(name, known))
    return connection.table(name, **place)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
