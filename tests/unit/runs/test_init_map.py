"""Init for a CRM: a workspace whose settings have no mistake, and a policy to start from that decides nothing."""

from __future__ import annotations

import pytest

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.intake.field_map_files import crms
from salesworthy.intake.suppression import FOLDER
from salesworthy.runs.erase_places import DOCUMENTS, REVIEWS, SEALED
from salesworthy.runs.init import EXPORTS, write_workspace
from salesworthy.runs.workspace import open_workspace


@pytest.mark.parametrize("crm", crms())
def test_a_workspace_for_every_crm(tmp_path, crm):
    written = write_workspace(tmp_path / "w", crm=crm)
    names = {path.relative_to(tmp_path / "w").as_posix() for path in written}
    assert {"salesworthy.toml", "README.md", "features.yaml", "exports", "policy-template/10_fit.yaml"} <= names
    assert "policy-template/approvals.yaml" not in names
    found = open_workspace(tmp_path / "w", environ={})
    assert {"leads", "outcomes", "consents", "accounts", "engagements"} <= set(found.settings.tables)
    sources = [source for each in found.settings.tables.values() for source in each]
    assert {source.map.partition("/")[0] for source in sources} == {crm}
    readme = (tmp_path / "w" / "README.md").read_text(encoding="utf-8")
    assert all(source.path.replace("*", "") in readme for source in sources)


def test_what_init_refuses(tmp_path):
    with pytest.raises(WrongUsage, match=r"no field maps for 'sales-force'.*\n.*'salesforce'"):
        write_workspace(tmp_path, crm="sales-force")
    with pytest.raises(WrongUsage, match="exclude each other"):
        write_workspace(tmp_path, crm="salesforce", example=True)
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(UserError, match=r"README\.md"):
        write_workspace(tmp_path, crm="salesforce")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_what_is_written_about_persons_stays_out_of_version_control(tmp_path):
    write_workspace(tmp_path / "w")
    lines = (tmp_path / "w" / ".gitignore").read_text(encoding="utf-8").splitlines()
    made = open_workspace(tmp_path / "w", environ={})
    places = {*DOCUMENTS, *SEALED, REVIEWS, FOLDER, EXPORTS, made.default_out.name, made.cache.name}
    assert {f"/{name}/" for name in places} <= set(lines)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / ".gitignore").write_text("mine\n")
    write_workspace(tmp_path / "mine")
    assert (tmp_path / "mine" / ".gitignore").read_text() == "mine\n"
