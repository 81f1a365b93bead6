"""Weekly counts that are kept equal counting everything anew, whatever has come, changed or gone since."""

from __future__ import annotations

import shutil
from dataclasses import replace

import ibis
import pytest

from salesworthy.domain.moments import parse_moment
from salesworthy.drift.cells import TIMES
from salesworthy.drift.weeks import WEEK, Weeks
from salesworthy.features.catalogue import Catalogue
from salesworthy.runs.drift_keeping import keep_counts_up
from salesworthy.runs.drift_kept import FOLDER, kept_weeks, place_of
from salesworthy.runs.drift_rows import AGE, drift_rows, watched_catalogue, weeks_of
from salesworthy.runs.features import opened
from salesworthy.runs.init import write_workspace
from salesworthy.runs.run_policy import load_run_policy
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

NOW, LATER = parse_moment("2026-03-02"), parse_moment("2026-03-16")
MIDDLE = parse_moment("2025-12-01")
WATCHED = (
    "role", "facility_type", "in_health_system", "clinical_evidence_90d", "days_since_last_act",
    "opt_ins", "site_roles_90d", "site_acts_90d", "earlier_handoffs", "lead_age_days", "existing_customer",
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "demo"
    write_workspace(folder, example=True, leads=400, seed=5)
    with opened(open_workspace(folder, environ={})) as found:
        yield found


@pytest.fixture(scope="module")
def whole_catalogue(data):
    return watched_catalogue(data.workspace.catalogue(data.checked).catalogue, None)


@pytest.fixture(scope="module")
def catalogue(whole_catalogue):
    """A few features of every sort."""
    return Catalogue(tuple(each for each in whole_catalogue if each.name in WATCHED))


@pytest.fixture(scope="module")
def policy(data):
    return load_run_policy(data.workspace, data.checked, as_of=LATER, draft=True)


def counted(data, catalogue, policy, as_of):
    """Counts, and how many leads were counted or taken out to get them."""
    everything = weeks_of(data, as_of=as_of)
    weeks = Weeks(everything.end - 30 * (everything.end - everything.begin(everything.count - 1)), 30)
    rows = drift_rows(data, catalogue, weeks, as_of=as_of, policy=policy, most=20)
    touched = data.engine.to_arrow(rows.rows.filter(rows.rows[TIMES] != 0).count().as_table()).column(0)[0].as_py()
    assert rows.sample().num_rows == 20
    return rows.counts, touched


def anew(data, *asked):
    shutil.rmtree(data.workspace.cache / FOLDER, ignore_errors=True)
    return counted(data, *asked)


def keep(data, catalogue, written):
    shutil.rmtree(data.workspace.cache / FOLDER, ignore_errors=True)
    place_of(data, catalogue).parent.mkdir()
    place_of(data, catalogue).write_bytes(written)


@pytest.fixture(scope="module")
def standing(data, catalogue, policy):
    """Counts of the tables as they are, how many leads that took, and the file in which they are kept."""
    counts, touched = anew(data, catalogue, policy, NOW)
    return counts, touched, place_of(data, catalogue).read_bytes()


def changed(data, name, **columns):
    """The same tables with columns of one of them written over; each is a function of the table."""
    table = data.tables[name]
    written = table.mutate(**{column: says(table) for column, says in columns.items()})
    return replace(data, tables={**data.tables, name: data.engine.materialise(f"changed_{name}", written)})


def test_nothing_is_counted_twice_and_weeks_that_come_are_added(data, catalogue, policy, standing):
    first, whole, kept = standing
    keep(data, catalogue, kept)
    again, none = counted(data, catalogue, policy, NOW)
    assert (none, again.equals(first)) == (0, True)
    grown, fresh = counted(data, catalogue, policy, LATER)
    assert 0 < fresh < whole / 3
    expected, _ = anew(data, catalogue, policy, LATER)
    assert grown.equals(expected)
    assert not grown.equals(first)


def row_of(data, name, by, *, before):
    """The key of the newest row of a table from before a moment."""
    table = data.tables[name]
    found = table.filter(table[by] < before, table.account_id.notnull()).order_by(ibis.desc(by), "lead_id").limit(1)
    return data.engine.to_arrow(found).to_pylist()[0]


def late_act(data):
    lead = row_of(data, "leads", "created_at", before=MIDDLE)
    acts = data.tables["engagements"]
    at = lead["created_at"] + AGE // 2
    told = {"lead_id": lead["lead_id"], "kind": "view", "machine": False, "occurred_at": at, "known_at": at}
    new = acts.limit(1).mutate(
        **{name: ibis.literal(told[name]) if name in told else ibis.null(kind) for name, kind in acts.schema().items()}
    )
    grown = data.engine.materialise("changed_engagements", acts.union(new.select(*acts.columns)))
    return replace(data, tables={**data.tables, "engagements": grown})


def another_role(data):
    lead = row_of(data, "leads", "created_at", before=MIDDLE)["lead_id"]
    return changed(data, "leads", role=lambda t: (t.lead_id == lead).ifelse("pilot", t.role))


def another_site(data):
    site = row_of(data, "leads", "created_at", before=MIDDLE)["account_id"]
    return changed(data, "accounts", facility_type=lambda t: (t.account_id == site).ifelse("ship", t.facility_type))


def other_tags(data):
    return changed(data, "content", topic=lambda t: ibis.literal("clinical_evidence"))


def objection(data):
    lead = row_of(data, "leads", "created_at", before=MIDDLE)["lead_id"]
    consents = data.tables["consents"]
    new = consents.limit(1).mutate(
        lead_id=ibis.literal(lead), state=ibis.literal("objected"), at=ibis.literal(NOW - 1, "int64")
    )
    grown = data.engine.materialise("changed_consents", consents.union(new.select(*consents.columns)))
    return replace(data, tables={**data.tables, "consents": grown})


@pytest.mark.parametrize("change", [late_act, another_role, another_site, other_tags, objection])
def test_what_has_changed_since_is_counted_again(data, catalogue, policy, standing, change):
    before, whole, kept = standing
    keep(data, catalogue, kept)
    other = change(data)
    found, touched = counted(other, catalogue, policy, NOW)
    expected, _ = anew(other, catalogue, policy, NOW)
    assert found.equals(expected)
    assert not found.equals(before)
    assert touched > 0
    if change in (late_act, another_role, another_site):
        assert touched < whole  # what came before is as it was


def test_a_lead_that_objects_is_taken_out_and_nobody_else_is_looked_at(data, catalogue, policy):
    without = Catalogue(tuple(each for each in catalogue if each.table != "consents"))
    counted(data, without, policy, NOW)
    assert counted(objection(data), without, policy, NOW)[1] == 1
    assert counted(data, without, policy, NOW)[1] == 1


def test_the_batch_job_goes_on_with_what_was_begun_and_begins_nothing(data, whole_catalogue, policy):
    shutil.rmtree(data.workspace.cache / FOLDER, ignore_errors=True)
    keep_counts_up(data, None, policy, as_of=NOW)
    assert not (data.workspace.cache / FOLDER).exists()
    begun = drift_rows(data, whole_catalogue, weeks_of(data, as_of=NOW), as_of=NOW, policy=policy, most=0)
    weeks = set(begun.counts["week_start"].to_pylist())
    keep_counts_up(data, None, policy, as_of=LATER)
    kept = kept_weeks(place_of(data, whole_catalogue))
    assert weeks < kept
    assert max(kept) == weeks_of(data, as_of=LATER).end - WEEK


def test_a_damaged_file_is_counted_again(data, catalogue, policy, standing):
    expected, whole, _ = standing
    keep(data, catalogue, b"PAR1 and nothing else")
    found, touched = counted(data, catalogue, policy, NOW)
    assert (found.equals(expected), touched) == (True, whole)
