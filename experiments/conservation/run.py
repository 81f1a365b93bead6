"""Conservation over 5,000 generated tables: where is every row, does mending undo every fault, are broken files told?

Every fifth workspace is read again with every faulty row put right, and held byte for byte against the workspace that
never had a fault. In every fifth, one file is cut off or has one bit flipped: it must be refused by its code, or every
mark that is still in the file must be found.
"""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from experiments.conservation.accounting import MARK, account, marks, mended, read
from experiments.conservation.tables import KEPT, PASSED_OVER, SUPPRESSED, World, world

from salesworthy.domain.errors import UserError

TABLES = 5_000
CODE = re.compile(r"\[([A-Z_]+)\]")


def main() -> None:
    started, seed, tables, rows, mended_tables = time.monotonic(), 0, 0, 0, 0
    codes: Counter[str] = Counter()
    files: Counter[str] = Counter()
    astray: list[str] = []
    unlike: list[str] = []
    while tables < TABLES:
        with TemporaryDirectory() as place:
            planted, folder = world(seed), Path(place)
            planted.write(folder / "wrong")
            found = account(planted, folder / "wrong")
            tables, rows, codes = tables + found.tables, rows + found.rows, codes + found.codes
            astray += [f"seed {seed}: {each}" for each in found.astray]
            if seed % 5 == 0:
                planted.write(folder / "right", right=True)
                unlike += [f"seed {seed}: {each}" for each in mended(planted, folder / "wrong", folder / "right")]
                mended_tables += len(planted.tables)
            if seed % 5 == 1:
                files[broken(planted, folder / "broken", seed)] += 1
        seed += 1
        if seed % 50 == 0:
            print(f"{tables:,} tables, {len(astray)} astray, {len(unlike)} unlike, {dict(files)}", flush=True)
    fates = {KEPT, SUPPRESSED, PASSED_OVER}
    document = {
        "python": platform.python_version(), "load": [round(each, 1) for each in os.getloadavg()],
        "minutes": round((time.monotonic() - started) / 60, 1), "workspaces": seed, "tables": tables, "rows": rows,
        "astray": astray, "rows_by_fate": {fate: codes[fate] for fate in sorted(fates)},
        "rows_by_code": dict(sorted((code, n) for code, n in codes.items() if code not in fates)),
        "mended_tables": mended_tables, "unlike_after_mending": unlike, "broken_files": dict(sorted(files.items())),
    }  # fmt: skip
    (Path(__file__).parent / "result.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(document, indent=2, ensure_ascii=False))


def broken(planted: World, folder: Path, seed: int) -> str:
    """What becomes of a workspace of which one file is cut off or has one bit flipped."""
    planted.write(folder)
    chance = np.random.default_rng([seed, 1])
    table = planted.tables[int(chance.integers(len(planted.tables)))]
    path, whole = folder / table.file, (folder / table.file).read_bytes()
    changed = bytearray(whole)
    if chance.random() < 0.5:
        del changed[int(chance.integers(1, len(whole))) :]
    else:
        bit = int(chance.integers(len(whole) * 8))
        changed[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(changed))
    try:
        checked = read(folder)
    except UserError as error:
        return f"refused: {', '.join(sorted(set(CODE.findall(error.message)))) or 'columns or limits'}"
    (report,) = [each for each in checked.reports if each.table == table.name]
    if report.rejected and not report.kept:
        return "told: every row is set aside"
    seen = marks(checked)
    there = seen if table.packed else Counter(MARK.findall(bytes(changed).decode("utf-8", "replace")))
    lost = [mark for mark in there if there[mark] > seen[mark]]
    told = sum(each.count for each in checked.findings if each.code == "SWALLOWED_ROWS" and each.table == table.name)
    if len(lost) > report.suppressed + report.passed_over + told or report.unaccounted:
        return f"LOST (seed {seed}): {lost}"
    return "accounted for"


if __name__ == "__main__":
    main()
