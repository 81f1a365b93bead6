"""Init: write a workspace, blank or on the synthetic market."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from salesworthy.domain.errors import UserError
from salesworthy.runs.progress import Progress, silent

SETTINGS = "salesworthy.toml"
FEATURES = "features.yaml"
POLICY = "policy"


def write_workspace(
    folder: Path, *, example: bool, leads: int, seed: int, progress: Progress = silent
) -> tuple[Path, ...]:
    """Write a workspace and return what was written; the example comes with an approved policy.

    Args:
        folder: Where; created when needed.
        example: On the synthetic market, which is generated too; blank otherwise.
        leads: Leads of the synthetic market.
        seed: Its seed.
        progress: Told about the steps.

    Raises:
        UserError: When a file of the workspace exists already; nothing is written then.
    """
    texts = {SETTINGS: template("example.toml" if example else "blank.toml")}
    texts[FEATURES] = template("example.yaml" if example else "blank.yaml")
    if example:
        texts |= {f"{POLICY}/{name}": template(f"{POLICY}/{name}") for name in policy_files()}
    existing = [name for name in texts if (folder / name).exists()]
    if existing:
        raise UserError(
            f"{' and '.join(existing)} exist(s) already",
            where=str(folder),
            todo="choose another folder, or delete them",
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / name, text) for name, text in texts.items()]
    if example:
        written.append(_write_market(folder / "data" / "market", leads, seed, progress))
    return tuple(written)


def template(name: str) -> str:
    """The text of a shipped template."""
    return files("salesworthy.runs").joinpath("templates", name).read_text(encoding="utf-8")


def policy_files() -> tuple[str, ...]:
    """Names of the files of the shipped policy."""
    folder = files("salesworthy.runs").joinpath("templates", POLICY)
    return tuple(sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml")))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _write_market(folder: Path, leads: int, seed: int, progress: Progress) -> Path:
    from salesworthy.market.generate import write_market

    write_market(folder, leads=leads, seed=seed, progress=progress)
    return folder
