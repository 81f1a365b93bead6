"""Are random changes of a ledger found, and does the best of six promoters stand? Writes result.json."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from experiments.ledger.mutations import MUTATIONS, build, cut, mutate, without_triggers

from salesworthy.ledger.records import ChampionChanged, LedgerDamaged
from salesworthy.ledger.store import Ledger

HERE = Path(__file__).parent
SEED = 7
PROMOTERS = 6


def mutations(count: int) -> dict[str, object]:
    """So many random changes, each to a fresh copy; how many `verify` found, per sort."""
    rng = random.Random(SEED)  # noqa: S311
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        intact = Path(folder) / "intact"
        head = build(intact).verify_audit().head
        without_triggers(intact / "ledger.db")
        for number in range(count):
            kind = list(MUTATIONS)[number % len(MUTATIONS)]
            work = Path(folder) / "work"
            work.mkdir(exist_ok=True)
            shutil.copyfile(intact / "ledger.db", work / "ledger.db")
            told = mutate(work / "ledger.db", kind, rng)
            tried[kind] += 1
            if is_found(work):
                found[kind] += 1
            else:
                missed.append(f"{kind}: {told}")
        cuts = [cut_found(intact, Path(folder) / "work", head, rng) for _ in range(200)]
    return {
        "tried": dict(tried), "found": dict(found), "missed": missed,
        "cut_off_with_all_rows": {
            "tried": len(cuts), "found_without_head": sum(plain for plain, _ in cuts),
            "found_with_head": sum(with_head for _, with_head in cuts),
        },
    }  # fmt: skip


def is_found(folder: Path, head: str | None = None) -> bool:
    try:
        Ledger("sqlite:///ledger.db", folder).verify_audit(head=head)
    except LedgerDamaged:
        return True
    return False


def cut_found(intact: Path, work: Path, head: str, rng: random.Random) -> tuple[bool, bool]:
    shutil.copyfile(intact / "ledger.db", work / "ledger.db")
    cut(work / "ledger.db", rng)
    return is_found(work), is_found(work, head)


def promoters(rounds: int) -> dict[str, int]:
    """Six at once promote "if better", each with its own connection; how often the best stands."""
    rng = random.Random(SEED)  # noqa: S311
    best_stands = refused = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PROMOTERS) as threads:
        ledger = Ledger("sqlite:///ledger.db", Path(folder))
        for number in range(rounds):
            quality = {f"v{number}.{place}": number * PROMOTERS + place for place in range(PROMOTERS)}
            for version in quality:
                ledger.register_model(
                    version, bundle_sha256="", trained_as_of=0, data_fingerprint="", figures={}, now=0
                )
            order = rng.sample(list(quality), PROMOTERS)
            refused += sum(threads.map(lambda version, known=quality: promote(Path(folder), version, known), order))
            champion = ledger.champion()
            best_stands += champion is not None and champion.version == f"v{number}.{PROMOTERS - 1}"
        events = ledger.verify_audit().events
    return {"rounds": rounds, "best_stands": best_stands, "refused_and_repeated": refused, "audit_events": events}


def promote(folder: Path, version: str, quality: dict[str, int]) -> int:
    """Look, compare, set if nothing changed, else look again; how often it had to."""
    ledger, again = Ledger("sqlite:///ledger.db", folder), 0
    while True:
        champion = ledger.champion()
        stands = None if champion is None else champion.version
        if quality.get(str(stands), -1) >= quality[version]:
            return again
        try:
            ledger.promote(version, version, 1, expected=stands)
        except ChampionChanged:
            again += 1
            continue
        return again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    chosen = parser.parse_args()
    result = {"seed": SEED, "mutations": mutations(chosen.mutations), "promoters": promoters(chosen.rounds)}
    (HERE / "result.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
