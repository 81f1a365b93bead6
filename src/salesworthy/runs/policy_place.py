"""The place of a workspace's policy: another one is put there so that nothing wrong is ever decided meanwhile.

The files of a policy cannot be exchanged in one step. While they are, the place holds the old content, a mixture or the
new content; a mixture is not what anybody signed, so that a run refuses it. What is left of an exchange that was cut
off is finished by the next command of a review.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from salesworthy.domain.errors import UserError
from salesworthy.ledger.durable import sync, sync_tree
from salesworthy.policy.approvals import FILE
from salesworthy.policy.raw import policy_files

JOURNAL = ".exchange.json"


def copy_policy(source: Path, target: Path, *, without: tuple[str, ...] = ()) -> None:
    """Copy the files of a policy to a new place, complete or not at all; one that is there already is replaced.

    Args:
        source: Where they are.
        target: The new folder.
        without: Names of files to leave out.
    """
    stage = target.with_name(f".{target.name}.stage")
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    for path in policy_files(source):
        place = path.relative_to(source)
        if str(place) not in without:
            (stage / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, stage / place)
    sync_tree(stage)
    shutil.rmtree(target, ignore_errors=True)
    stage.rename(target)
    sync(target.parent)


def announce(source: Path, journal: Path, *, content_sha256: str) -> None:
    """Write down which policy is about to be put in place, before anybody is told that it is in force.

    Args:
        source: The new policy, inside the journal's folder; it stays there.
        journal: A folder for the note.
        content_sha256: Hash of its content.
    """
    note = {"source": source.relative_to(journal).as_posix(), "content_sha256": content_sha256}
    stage = journal / f"{JOURNAL}.stage"
    stage.write_text(json.dumps(note), encoding="utf-8")
    sync(stage)
    stage.replace(journal / JOURNAL)
    sync(journal)


def finish_exchange(place: Path, journal: Path, *, wanted: str | None) -> bool:
    """Put what was announced in place, also where that was cut off before; returns whether something was.

    Args:
        place: Where the policy of the workspace is.
        journal: The folder of the note.
        wanted: Hash of the policy that is in force as the ledger says; what was announced is forgotten where this is
            another one, for then nobody was told of it.

    Raises:
        UserError: When the policy that is to be put in place is gone.
    """
    path = journal / JOURNAL
    if not path.is_file():
        return False
    note = json.loads(path.read_text(encoding="utf-8"))
    is_wanted = bool(note["content_sha256"] == wanted)
    if is_wanted:
        source = journal / note["source"]
        if not policy_files(source):
            raise UserError(
                "a policy was being put in place, and its files are gone",
                where=str(source),
                todo="restore the folder from a backup",
            )
        for step in steps(source, place):
            step()
    path.unlink()
    sync(journal)
    return is_wanted


def steps(source: Path, place: Path) -> Iterator[Callable[[], None]]:
    """The single steps of an exchange, each of which happens or does not: signatures come last.

    Args:
        source: The new policy.
        place: Where the old one is.
    """
    new = {path.relative_to(source): path for path in policy_files(source)}
    old = {path.relative_to(place): path for path in policy_files(place)}
    for name in sorted(each for each in new if str(each) != FILE):
        yield partial(_put, new[name], place / name)
    for name in sorted(old.keys() - new.keys()):  # not earlier: a place without any policy would decide nothing
        yield old[name].unlink
    if Path(FILE) in new:
        yield partial(_put, new[Path(FILE)], place / FILE)
    yield partial(sync_tree, place)


def _put(source: Path, target: Path) -> None:
    stage = target.with_name(f".{target.name}.stage")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, stage)
    sync(stage)
    stage.replace(target)
