"""Catalogue files: what they may hold, all mistakes at once with their lines, and what shipped sets leave out."""

from __future__ import annotations

import pytest
from small_tables import CARRIED, load, schema_of

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.domain.tables import TABLES
from salesworthy.features import loading
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.loading import load_catalogue, shipped_sets

PLANTED = """conditions:
  by_person: "agent is null or not contains(agnt, 'bot')"
features:
- name: forms_30d
  count: engagement
- name: views
  count: engagements
  where: "kind = 'view' and content.topc = 'demo'"
- name: pages
  count: engagements
  windw: 30d
- name: visits
  count: engagements
  window: thirty days
- name: role
  column: leads.rolle
- name: score
  column: leads.score
  type: category
  direction: increasing
- name: ROLE
  column: leads.role
- name: last seen
  recency: engagements
- name: fields
  sum: engagements
  of: kind
- name: topics
  distinct: engagements
- name: shares
  share: engagements
- name: asked
  column: leads.note
  known: answerd_at
- name: both
  count: engagements
  recency: engagements
- name: neither
- name: ratio
  expression: "forms_30d / page"
- name: webinars
  count: engagements
  reason: WEBINARS
  says: "Attended {count} webinars"
- name: one
  expression: "two + 1"
- name: two
  expression: "one + 1"
- name: label
  column: leads.note
- name: on
  count: engagements
  where: yes
  per: person
- name: rate
  history: leads.source
  strength: -1
- just text
"""
TOLD = {
    2: "by_person: there is no column 'agnt' -> did you mean 'agent'?",
    5: "forms_30d: 'engagement' is not a table of dated acts -> did you mean 'engagements'?",
    8: "views: there is no column 'content.topc' -> did you mean 'content.topic'",
    11: "pages: unknown key 'windw' for a count feature -> did you mean 'window'?",
    14: "visits: 'thirty days' is not a window -> write 12h, 30d or 2w",
    16: "role: there is no column 'leads.rolle' -> did you mean 'role'?",
    20: "score: a category has no direction -> leave the key out",
    21: "the name 'ROLE' is taken by features.yaml:15 -> choose another name",
    23: "last seen: the name 'last seen' cannot be used -> write letters, digits and _, at most 80",
    27: "fields: 'kind' does not hold numbers -> name a column of numbers",
    29: "topics: it does not say what to count -> write of: a column of engagements, or day",
    31: "shares: a share needs a condition -> write where: which acts are counted",
    34: "asked: 'answerd_at' is neither at_creation nor at_handoff nor a timestamp of leads -> did you mean",
    35: "both: it cannot be count and recency at once -> give one of: column, count",
    38: "neither: it does not say what to measure -> give one of: column, count",
    40: "ratio: there is no column 'page' -> did you mean 'pages'?",
    43: "webinars: there is no reason 'WEBINARS' -> did you mean 'WEBINAR'?",
    44: "webinars: unknown placeholder {count} -> only {value} can be used",
    45: "one: the expression reads itself -> break the circle",
    47: "two: the expression reads itself -> break the circle",
    49: "label: the name 'label' is taken -> choose another name",
    53: "on: there is no column 'yes' -> known: 'agent'",
    54: "on: per cannot be 'person' -> known: 'account', 'lead'",
    57: "rate: strength is not a number above 0 -> write how many results the overall rate weighs",
    58: "this entry is not a feature -> write keys and values",
}


def mistakes_of(text, folder, **options):
    with pytest.raises(ConfigurationMistakes) as refused:
        load(text, folder, **options)
    return refused.value


def test_all_mistakes_are_told_together_each_with_its_line(tmp_path):
    lines = str(mistakes_of(PLANTED, tmp_path)).splitlines()
    assert lines[0] == f"the feature catalogue has {len(TOLD)} mistakes:"
    for told, (line, says) in zip(lines[1:], TOLD.items(), strict=True):
        assert told.startswith(f"  features.yaml:{line}: {says}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {name: a, count: engagements", "features.yaml:1: this is not YAML"),
        ("name: a\ncount: engagements", "unknown section 'name'"),
        ("just text", "this is not a list of features"),
        ("features: {a: b}", "the features are not a list"),
        ("conditions: [a]\nfeatures: []", "shared conditions are not a mapping"),
        ("- {name: a, count: engagements, count: leads}", "the key 'count' stands here twice"),
        ("- {name: a, count: [engagements]}", "a list or mapping stands where one value belongs"),
        ("- {count: engagements}", "the feature has no name"),
        ("- {name: 2024, count: engagements}", "name is not a text -> put it in quotes: '2024'"),
        ("- {name: a, count: engagements, says: ''}", "says is not a text -> write a text, or leave the key out"),
        ("- {name: a, count: engagements, window: 0d}", "a window of no length"),
        ("- {name: a, count: engagements.kind}", "is not a table of dated acts"),
        ("- {name: a, count: leads}", "'leads' is not a table of dated acts"),
        ("- {name: a, sum: engagements, of: content.topic}", "does not hold numbers"),
        ("- {name: a, column: role}", "does not name a fact about a lead -> write one of leads.COLUMN"),
        ("- {name: a, column: engagements.kind}", "does not name a fact about a lead"),
        ("- {name: a, column: outcomes.disposition}", "does not name a fact about a lead"),
        ("- {name: a, history: outcomes.reason}", "does not name a fact about a lead"),
        ("- {name: a, count: outcomes}", "'outcomes' is not a table of dated acts"),
        ("- {name: a, count: engagements, where: \"outcomes.disposition = 'accepted'\"}", "there is no column"),
        ("- {name: a, expression: \"outcomes.label\"}", "there is no column 'outcomes.label'"),
        ("- {name: a, column: leads.role, type: number}", "cannot be read as number -> write type: category"),
        ("- {name: a, column: leads.created_at, type: number}", "write type: days_since"),
        ("- {name: a, expression: \"leads.role\"}", "the expression gives text"),
        ("- {name: a, expression: \"a + 1\"}", "the expression reads itself"),
        ("- {name: a, count: engagements, says_missing: \"{value}\"}", "cannot stand here"),
        ("- {name: a, count: engagements, reason: web page}", "is not a code"),
        ("- &x {name: a, count: engagements}\n- *x", "the name 'a' is taken"),
        ("- {name: a, count: engagements, where: !!python/object/apply:os.system [ls]}", "features.yaml:1"),
    ],
)  # fmt: skip
def test_one_mistake(tmp_path, text, says):
    assert says in str(mistakes_of(text, tmp_path))


def test_outcome_tables_are_out_of_reach_even_under_another_spelling(tmp_path):
    for column in ("outcomes.disposition", "Outcomes.disposition", '"outcomes"."disposition"'):
        text = (
            f"- {{name: a, count: engagements, where: \"{column.replace(chr(34), chr(92) + chr(34))} = 'accepted'\"}}"
        )
        assert "there is no column" in str(mistakes_of(text, tmp_path))


def test_a_file_may_be_empty_and_a_missing_file_is_named(tmp_path):
    assert len(load("", tmp_path).catalogue) == 0
    assert len(load("# nothing yet\n", tmp_path).catalogue) == 0
    with pytest.raises(ConfigurationMistakes, match=r"no readable file 'feature.yaml' -> did you mean 'features.yaml'"):
        load_catalogue(["feature.yaml"], root=tmp_path, schema=schema_of(TABLES))
    with pytest.raises(ConfigurationMistakes, match="did you mean 'medtech'"):
        load_catalogue(["medtec"], root=tmp_path, schema=schema_of(TABLES))


def test_files_come_in_order_and_names_are_unique_across_them(tmp_path):
    (tmp_path / "one.yaml").write_text('- {name: a, count: engagements}\n- {name: c, expression: "b + a"}')
    (tmp_path / "two.yaml").write_text("- {name: b, recency: engagements}")
    found = load_catalogue(["one.yaml", "two.yaml"], root=tmp_path, schema=schema_of(TABLES)).catalogue
    assert found.names == ("a", "c", "b")
    (tmp_path / "two.yaml").write_text("- {name: A, recency: engagements}")
    with pytest.raises(ConfigurationMistakes, match=r"two.yaml:1: the name 'A' is taken by one.yaml:1"):
        load_catalogue(["one.yaml", "two.yaml"], root=tmp_path, schema=schema_of(TABLES))


def test_what_a_person_left_out_gets_a_default(tmp_path):
    feature = load("- {name: pagesSeen_30d, count: engagements}", tmp_path).catalogue["pagesSeen_30d"]
    assert (feature.reason, feature.direction, feature.per) == ("PAGES_SEEN_30D", "none", "lead")
    assert (feature.says, feature.dtype) == ("Pages seen 30d: {value}", "integer")


@pytest.mark.parametrize(
    ("entry", "type_", "dtype"),
    [("leads.score", "number", "number"), ("leads.vip", "yes_no", "yes_no"), ("leads.role", "category", "category"),
     ("leads.created_at", "days_since", "number"), ("leads.campaign_id", "category", "category")],
)  # fmt: skip
def test_a_column_is_typed_from_what_it_holds(tmp_path, entry, type_, dtype):
    feature = load(f"- {{name: a, column: {entry}}}", tmp_path).catalogue["a"]
    assert (feature.type, feature.dtype, feature.known) == (type_, dtype, "at_creation")


def test_a_loaded_catalogue_goes_through_json_and_back(tmp_path):
    text = """
conditions: {by_person: "agent is null"}
features:
- {name: a, share: engagements, where: "kind = 'form'", among: by_person, window: 2w, per: account}
- {name: b, history: leads.role, strength: 5}
- {name: c, column: leads.score, known: answered_at, direction: decreasing}
- {name: d, expression: "c / a"}
"""
    found = load(text, tmp_path).catalogue
    assert Catalogue.from_json(found.to_json()) == found
    assert found["a"].among == "(agent IS NULL)"
    assert found["c"].known == "leads.answered_at"
    assert found["d"].reads == ("c", "a")


def test_two_names_that_differ_only_in_case_are_one_name_to_an_engine():
    with pytest.raises(Exception, match="feature visits is defined twice"):
        Catalogue.of([Feature("visits", "count"), Feature("Visits", "count")])


# Shipped sets ----------------------------------------------------------------------------------------------------
SHIPPED = """
conditions: {by_person: "agent is null or agent <> 'bot'"}
features:
- {name: forms, count: engagements, where: "by_person"}
- {name: demos, count: engagements, where: "content.topic = 'demo'"}
- {name: pages, column: leads.pages_seen}
- {name: more, expression: "pages + 1"}
- {name: even_more, expression: "more + forms"}
- {name: plain, expression: "forms + 1"}
"""


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "small.yaml").write_text(SHIPPED)
    monkeypatch.setattr(loading, "SHIPPED", folder)
    return lambda schema, *files: load_catalogue(["small", *files], root=tmp_path, schema=schema)


def test_a_shipped_set_leaves_out_what_is_not_at_hand_and_says_why(shipped):
    found = shipped(schema_of(["leads", "engagements"]))
    assert found.catalogue.names == ("forms", "plain")
    assert dict(found.left_out) == {
        "demos": "there is no column 'content.topic'",
        "pages": "there is no column 'leads.pages_seen'",
        "more": "there is no column 'pages'",
        "even_more": "there is no column 'more'",
    }


def test_a_shared_condition_may_read_what_the_source_does_not_have(shipped):
    found = shipped(schema_of(["leads", "engagements", "content"], lacking={"engagements": {"agent"}}))
    assert found.catalogue.names == ("forms", "demos", "plain")


def test_an_own_file_may_build_on_a_shipped_set_but_not_on_what_was_left_out(shipped, tmp_path):
    (tmp_path / "own.yaml").write_text('- {name: twice, expression: "forms * 2"}')
    assert shipped(schema_of(["leads", "engagements"]), "own.yaml").catalogue.names == ("forms", "plain", "twice")
    (tmp_path / "own.yaml").write_text('- {name: twice, expression: "pages * 2"}')
    with pytest.raises(ConfigurationMistakes, match=r"own.yaml:1: twice: there is no column 'pages'"):
        shipped(schema_of(["leads", "engagements"]), "own.yaml")


def test_the_same_in_an_own_file_is_a_mistake(tmp_path):
    assert "there is no table 'engagements'" in str(
        mistakes_of("- {name: a, count: engagements}", tmp_path, tables=["leads"])
    )
    told = mistakes_of("- {name: a, column: leads.role}", tmp_path, lacking={"leads": {"role"}})
    assert "the source of leads has no column 'role'" in str(told)


def test_the_shipped_sets():
    assert "medtech" in shipped_sets()
    assert set(CARRIED) <= set(TABLES)


def test_a_feature_of_the_workspaces_own_takes_the_place_of_a_shipped_one(shipped, tmp_path):
    (tmp_path / "own.yaml").write_text("- {name: forms, count: engagements, window: 7d}")
    found = shipped(schema_of(["leads", "engagements"]), "own.yaml")
    assert found.catalogue.names == ("plain", "forms")
    assert found.catalogue["forms"].window == "7d"
    assert dict(found.left_out)["forms of small"] == "the one of own.yaml:1 takes its place"
