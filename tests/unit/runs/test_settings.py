"""Settings: defaults, overrides from the environment, and every mistake at once with its line."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.domain.errors import ConfigurationMistakes, UserError
from salesworthy.runs.init import template
from salesworthy.runs.settings import load_settings
from salesworthy.runs.toml_lines import key_lines


@pytest.fixture
def load(tmp_path):
    def run(text, **environ):
        (tmp_path / "salesworthy.toml").write_text(text, encoding="utf-8")
        return load_settings(tmp_path, environ)

    return run


@pytest.fixture
def mistakes(load):
    """(line, what, todo) of every mistake."""

    def run(text, **environ):
        with pytest.raises(ConfigurationMistakes) as error:
            load(text, **environ)
        return [(each.where.removeprefix("salesworthy.toml:"), each.what, each.todo) for each in error.value.mistakes]

    return run


def test_an_empty_file_is_all_defaults(load):
    found = load("")
    assert (found.label.positive, found.label.window_days, found.label.absent) == (("accepted",), 90.0, "open")
    assert found.features.catalogue == ("medtech",)
    assert found.limits.max_rejected_share == 0.5
    assert (found.scoring.leads, found.scoring.batch_rows) == ("open", 16_384)
    assert found.ledger.url == "sqlite:///ledger.db"
    assert found.tables == {}


@pytest.mark.parametrize(
    "name",
    ["blank.toml", "example.toml", *(f"{crm}/salesworthy.toml" for crm in ("salesforce", "hubspot", "dynamics"))],
)
def test_shipped_templates_have_no_mistake(load, name):
    assert "leads" in load(template(name)).tables


def test_one_table_or_a_list(load):
    found = load('[tables.leads]\npath = "l"\n[[tables.engagements]]\npath = "a"\n[[tables.engagements]]\npath = "b"\n')
    assert [source.path for source in found.tables["leads"]] == ["l"]
    assert [source.path for source in found.tables["engagements"]] == ["a", "b"]


def test_ways_to_write_a_column(load):
    found = load(
        """
[tables.leads]
path = "l"
columns.lead_id = "Id"
columns.created_at = { column = "Made", format = "%d" }
columns.role = { constant = 3 }
product = true
join = { path = "c", on = { a = "b" } }
"""
    ).tables["leads"][0]
    assert found.columns["lead_id"].column == "Id"
    assert found.columns["created_at"].format == "%d"
    assert (found.columns["role"].constant, found.columns["product"].constant) == ("3", "true")
    assert found.join[0].on == {"a": "b"}


def test_source_is_a_database_or_a_constant(load):
    found = load('[tables.leads]\nsource = "sqlite://x.db"\ntable = "t"\n[tables.content]\npath = "c"\n')
    assert found.tables["leads"][0].source == "sqlite://x.db"
    found = load('[tables.leads]\npath = "l"\nsource = "web"\n')
    assert found.tables["leads"][0].columns["source"].constant == "web"


def test_settings_do_not_change(load):
    with pytest.raises(ValueError, match="frozen"):
        load("").label.window_days = 3


PLANTED = """
[workspce]
name = "x"
[workspace]
timezone = "Europe/Berlln"
[tables.lead]
path = "x"
[tables.leads]
path = "leads.csv"
delimter = ";"
map = "hubspot/contacts"
columns.leadid = "Id"
columns.created_at = { column = "Made", fromat = "%d" }
[tables.content]
path = "x"
columns.topic = { order = "serial" }
values.buying_step = { aware = "awarenes" }
[[tables.engagements]]
path = "a.csv"
[[tables.engagements]]
path = "b.csv"
knid = "webinar"
[[tables.engagements.join]]
path = "c.csv"
[tables.outcomes]
columns.at = "x"
[label]
positive = ["acepted"]
window_days = 0
absent = "opn"
[features]
auto = "perhaps"
[engine]
memory_limit = "much"
threads = 0
[scoring]
batch_rows = 1.5
"""


def test_every_mistake_is_told_at_once_with_its_line(mistakes):
    told = mistakes(PLANTED)
    assert [line for line, _, _ in told] == [
        str(line) for line in (2, 5, 6, 10, 12, 13, 16, 17, 22, 23, 25, 28, 29, 30, 32, 34, 35, 37)
    ]
    texts = {line: f"{what} -> {todo}" for line, what, todo in told}
    assert "unknown key 'workspce' -> did you mean 'workspace'?" in texts["2"]
    assert "no time zone" in texts["5"]
    assert "did you mean 'leads'?" in texts["6"]
    assert "did you mean 'delimiter'?" in texts["10"]
    assert "did you mean 'lead_id'?" in texts["12"]
    assert "did you mean 'format'?" in texts["13"]
    assert "did you mean 'awareness'?" in texts["17"]
    assert "'kind'" in texts["22"]
    assert "on is missing" in texts["23"]
    assert "give either path or source" in texts["25"]
    assert "did you mean 'accepted'?" in texts["28"]
    assert "absent must be 'open' or 'exclude'" in texts["30"]


def test_a_map_that_is_not_shipped(mistakes):
    told = mistakes('[tables.leads]\npath = "x"\nmap = "hubspot/contact"\n[export.pipedrive]\n')
    assert [line for line, _, _ in told] == ["3", "4"]
    assert told[0][1] == "there is no field map 'hubspot/contact'"
    assert told[0][2].startswith("did you mean 'hubspot/contacts'")
    assert all(name in told[0][2] for name in ("salesforce/lead", "dynamics/activities", ".yaml"))
    assert "'pipedrive'" in told[1][1]


def test_a_map_of_another_table(mistakes):
    told = mistakes('[tables.accounts]\npath = "x"\nmap = "hubspot/contacts"\n')
    assert told[0][:2] == (
        "3", "the field map 'hubspot/contacts' reads leads, handoffs, outcomes, consents, and not accounts"
    )  # fmt: skip


def test_a_map_of_the_workspace_tells_its_own_lines(mistakes, tmp_path):
    (tmp_path / "ours.yaml").write_text(
        "reads: ours\ntables:\n  leads:\n    columns:\n      lead_id: Id\nupload:\n  object: L\n  key: Id\n"
        "  moments: '%Y'\n  columns:\n    points: P\nlater: x\n"
    )
    told = mistakes('[tables.leads]\npath = "x"\nmap = "ours.yaml"\n')
    assert [what.partition(" ")[0] for _, what, _ in told] == ["ours.yaml:10:", "ours.yaml:12:"]
    assert "'points' is nothing that is exported" in told[0][1]


def test_fields_of_an_export(load, mistakes):
    found = load(
        '[export.salesforce]\nkey = "Ext__c"\ncolumns = { score = "S__c", run_id = "" }\nowners = { a = "005" }\n'
    )
    assert found.export["salesforce"].columns == {"score": "S__c", "run_id": ""}
    told = mistakes("[export.salesforce.columns]\npoints = 'P__c'\n")
    assert "'points' is nothing that is exported; known: decision, score" in told[0][1]
    assert told[0][0] == "1"


@pytest.mark.parametrize(
    ("text", "line"),
    [("[label\n", 1), ("[label]\npositive = [\n", 2), ("a = 1\na = 2\n", 2), ('a = "x\n', 1), ("\n\n= 3", 3)],
)
def test_what_is_not_toml(mistakes, text, line):
    told = mistakes(text)
    assert "not TOML" in told[0][1]
    assert abs(int(told[0][0]) - line) <= 1


def test_no_settings_file(tmp_path):
    with pytest.raises(UserError, match="salesworthy init") as error:
        load_settings(tmp_path, {})
    assert error.value.exit_code == 3
    with pytest.raises(UserError, match="salesworthy init"):
        load_settings(tmp_path / "absent", {})


def test_a_settings_file_that_is_no_text(tmp_path):
    (tmp_path / "salesworthy.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UserError, match="UTF-8"):
        load_settings(tmp_path, {})


def test_the_environment_overrides(load):
    found = load(
        '[tables.leads]\npath = "x"\n[scoring]\nbatch_rows = 5\n',
        SALESWORTHY__SCORING__BATCH_ROWS="7",
        SALESWORTHY__LEDGER__URL="postgresql+psycopg://host/db",
        SALESWORTHY__FEATURES__AUTO="true",
        SALESWORTHY__FEATURES__REMOVE='["a", "b"]',
        SALESWORTHY__TABLES__LEADS__PATH="y.csv",
        SALESWORTHY_OTHER="x",
        PATH="z",
    )
    assert found.scoring.batch_rows == 7
    assert found.ledger.url == "postgresql+psycopg://host/db"
    assert (found.features.auto, found.features.remove) == (True, ("a", "b"))
    assert found.tables["leads"][0].path == "y.csv"


def test_wrong_variables_are_named(mistakes):
    told = mistakes(
        '[label]\nabsent = "open"\n',
        SALESWORTHY__LABEL__ABSENT="shut",
        SALESWORTHY__LEGDER__URL="x",
        SALESWORTHY__SCORING__BATCH_ROWS="many",
        SALESWORTHY__="x",
        SALESWORTHY__LABEL__ABSENT__X="y",
    )
    assert {where for where, _, _ in told} == {
        "SALESWORTHY__LABEL__ABSENT",
        "SALESWORTHY__LEGDER__URL",
        "SALESWORTHY__SCORING__BATCH_ROWS",
        "SALESWORTHY__",
        "SALESWORTHY__LABEL__ABSENT__X",
    }


LINES = '''# comment = 1
"quoted key" = """
[not a section]
x = 1
"""
a.b."c.d" = [1, # one
  2, {e = 'x', "f" = [true]},
]
[s]  # comment
x = "a # b"
[s.t."u v"]
y = 1979-05-27T07:32:00Z
[[l]]
[l.deep]
k = 1
[[l.inner]]
m = {}
[[l]]
z = \'\'\'
[l]\'\'\'
'''


def test_lines_of_a_text_with_everything_in_it():
    found = key_lines(LINES)
    expected = {
        ("quoted key",): 2, ("a",): 6, ("a", "b", "c.d"): 6, ("a", "b", "c.d", 0): 6, ("a", "b", "c.d", 2): 7,
        ("a", "b", "c.d", 2, "e"): 7, ("a", "b", "c.d", 2, "f", 0): 7, ("s",): 9, ("s", "x"): 10,
        ("s", "t", "u v"): 11, ("s", "t", "u v", "y"): 12, ("l", 0): 13, ("l", 0, "deep"): 14,
        ("l", 0, "deep", "k"): 15, ("l", 0, "inner", 0): 16, ("l", 0, "inner", 0, "m"): 17, ("l", 1): 18,
        ("l", 1, "z"): 19,
    }  # fmt: skip
    assert {path: found[path] for path in expected} == expected


def paths_of(value, path=()):
    """Every path of a parsed document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths_of(inner, (*path, key))


NAMES = st.sampled_from(["a", "b", '"c d"', '"e.f"', "'g'"])
VALUES = st.recursive(
    st.sampled_from(["1", '"x"', "'y # z'", '"""q\n"""', "true", "1.5", "2024-01-01"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]"),
        st.dictionaries(NAMES, inner, max_size=2).map(
            lambda each: "{" + ", ".join(f"{name} = {value}" for name, value in each.items()) + "}"
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            st.tuples(NAMES, VALUES).map(" = ".join),
            NAMES.map("[t.{}]".format),
            NAMES.map("[[u.{}]]".format),
            st.just("# c"),
            st.just(""),
        )
    )
)
def test_every_key_of_a_valid_text_has_a_line(lines):
    text = "\n".join(lines)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(key_lines(text)) == set(paths_of(document))
