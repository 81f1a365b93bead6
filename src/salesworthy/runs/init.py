"""Init: write a workspace, blank, on the exports of a CRM, or on the synthetic market."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.runs.progress import Progress, silent

SETTINGS = "salesworthy.toml"
FEATURES = "features.yaml"
POLICY = "policy"
APPROVALS = "approvals.yaml"
DRAFT = "policy-template"
"""Folder of a policy to start from: it asks for tags and facts that an export may not have, and decides nothing yet."""
README = "README.md"
IGNORED = ".gitignore"
EXPORTS = "exports"


def write_workspace(
    folder: Path,
    *,
    example: bool = False,
    crm: str | None = None,
    leads: int = 20_000,
    seed: int = 7,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write a workspace and return what was written; the example comes with an approved policy.

    Args:
        folder: Where; created when needed.
        example: On the synthetic market, which is generated too.
        crm: On exports of that CRM, with its field maps and a policy to start from that nobody has approved; blank
            without either.
        leads: Leads of the synthetic market.
        seed: Its seed.
        progress: Told about the steps.

    Raises:
        WrongUsage: When there are no field maps for that CRM, or it is to be the example too.
        UserError: When a file of the workspace exists already; nothing is written then.
    """
    texts = _crm_texts(crm, example=example) if crm is not None else _texts(example=example)
    existing = [name for name in texts if (folder / name).exists()]
    if existing:
        raise UserError(
            f"{' and '.join(existing)} exist(s) already",
            where=str(folder),
            todo="choose another folder, or delete them",
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / name, text) for name, text in texts.items()]
    if not (folder / IGNORED).exists():  # somebody's own stays as it is
        written.append(_write(folder / IGNORED, template("gitignore.txt")))
    if crm is not None:
        (folder / EXPORTS).mkdir(exist_ok=True)
        written.append(folder / EXPORTS)
    if example:
        written.append(_write_market(folder / "data" / "market", leads, seed, progress))
    return tuple(written)


def _texts(*, example: bool) -> dict[str, str]:
    texts = {SETTINGS: template("example.toml" if example else "blank.toml")}
    texts[FEATURES] = template("example.yaml" if example else "blank.yaml")
    if example:
        texts |= {f"{POLICY}/{name}": template(f"{POLICY}/{name}") for name in policy_files()}
    return texts


def _crm_texts(crm: str, *, example: bool) -> dict[str, str]:
    from salesworthy.intake.field_map_files import crms

    if example:
        raise WrongUsage("--map and --example exclude each other", where="init", todo="take one of them")
    if crm not in crms():
        raise WrongUsage(f"there are no field maps for {crm!r}", where="--map", todo=nearest(crm, crms()))
    texts = {name: template(f"{crm}/{name}") for name in (SETTINGS, README)}
    policy = {f"{DRAFT}/{name}": template(f"{POLICY}/{name}") for name in policy_files() if name != APPROVALS}
    return {**texts, FEATURES: template("blank.yaml"), **policy}


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
