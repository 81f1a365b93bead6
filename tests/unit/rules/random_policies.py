"""Policies and leads drawn at random: every kind of rule, conditions over text, numbers and yes-or-no, ordered acts."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, to_micros
from salesworthy.policy.rule import Rule
from salesworthy.rules.columns import RuleColumns
from salesworthy.rules.compiling import compile_rules

TODAY = dt.date(2026, 3, 2)
AS_OF = to_micros(dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC))
TEXT, NUMBER, YES_NO = ("role", "leads.use_case"), ("beds", "visits"), ("known", "member")
FACTS = (*TEXT, *NUMBER, *YES_NO, "leads.product", "accounts.region", "campaigns.type")
WORDS = ("nurse", "surgeon", "buyer")
PRODUCTS = ("infusion_pump", "patient_monitor", "surgical_robot", None)
REGIONS = ("dach", "southern_europe", "asia_pacific", None)
CAMPAIGNS = ("trade_show", "skywriting", None)


def random_condition(draw: random.Random, depth: int = 2) -> str:
    if depth and draw.random() < 0.55:
        left, right = random_condition(draw, depth - 1), random_condition(draw, depth - 1)
        return draw.choice(
            [f"({left}) and ({right})", f"({left}) or ({right})", f"not ({left})", f"case when {left} then {right} end"]
        )
    text, number, yes_no = draw.choice(TEXT), draw.choice(NUMBER), draw.choice(YES_NO)
    word, amount = draw.choice(WORDS), draw.randint(0, 4)
    return draw.choice(
        [
            f"{text} = '{word}'",
            f"{text} <> '{word}'",
            f"{text} in ('{word}', 'buyer')",
            f"{text} like '{word[0]}%'",
            f"{text} is null",
            f"{number} >= {amount}",
            f"{number} between {amount} and {amount + 2}",
            f"beds / visits > {amount}",
            f"coalesce(beds, visits) + 1 < {amount}",
            f"{number} is not null",
            yes_no,
            f"{yes_no} is true",
        ]
    )


def random_act(draw: random.Random) -> str:
    return draw.choice(
        [
            f"kind = '{draw.choice('abc')}'",
            f"kind in ('a', '{draw.choice('bc')}')",
            f"content.topic = '{draw.choice('xy')}'",
            f"kind = '{draw.choice('abc')}' and content.topic = '{draw.choice('xy')}'",
            "content.topic is null",
            "true",
        ]
    )


def random_rule(draw: random.Random, number: int) -> Rule:
    kind = draw.choice(["require", "exclude", "award", "deduct", "action", "tier", "step"])
    written: dict[str, object] = {
        "code": f"RULE_{number}",
        "title": "drawn",
        "kind": kind,
        "says": {"pass": "yes", "fail": "no"},
        "review": "2027-01-01",
        "starts": draw.choice(["2024-01-01", "2026-03-02", "2026-03-03"]),
        "ends": draw.choice([None, None, "2026-03-04", "2027-01-01"]),
        "reason": "drawn",
        "approver": "nobody",
    }
    has_acts = draw.random() < 0.5
    if has_acts:
        written["sequence"] = [{"where": random_act(draw)} for _ in range(draw.choice([1, 2, 2, 3, 4]))]
        written["within"] = f"{draw.choice([1, 5, 12, 30])}d"
    if not has_acts or draw.random() < 0.4:
        written["when"] = random_condition(draw)
    return Rule.model_validate({**written, **_of_kind(draw, kind, has_acts)})


def _of_kind(draw: random.Random, kind: str, has_acts: bool) -> dict[str, object]:
    if kind == "exclude":
        return {"decision": "BLOCKED"}
    if kind == "step":
        return {"step": "awareness"}
    if kind == "action":
        return {"next_step": "call"}
    if kind not in ("award", "deduct"):
        return {}
    found: dict[str, object] = {"points": draw.choice([3, 7.5, 20])}
    if draw.random() < 0.5:
        found |= {"per": draw.choice(["visits", "beds - visits", "visits * 2"])}
    if draw.random() < 0.5:
        found |= {"cap": 10}
    if kind == "award":
        return {**found, "axis": draw.choice(["fit", "interest"])}
    found |= {"half_life": f"{draw.choice([1, 10, 90])}d"}
    return found if has_acts else {**found, "since": draw.choice(["visits", "beds * 10", "visits - 3"])}


def random_rules(draw: random.Random, base, rules: int = 10):
    """Compiled rules of a policy drawn at random; criteria sets, products and motions are those of ``base``."""
    drawn = tuple(random_rule(draw, number) for number in range(rules))
    policy = base.model_copy(update={"rules": drawn})
    return compile_rules(policy.at(TODAY), RuleColumns(dict.fromkeys(map(_ref, FACTS)), {"engagements": _ACT_COLUMNS}))


def _ref(name: str):
    from salesworthy.rules.compiling import ref_of

    return ref_of(name)


_ACT_COLUMNS = {_ref(name): None for name in ("kind", "content.topic", "agent")}


def random_facts(draw: random.Random) -> dict[str, object]:
    def maybe(value):
        return None if draw.random() < 0.25 else value

    return {
        **{name: maybe(draw.choice(WORDS)) for name in TEXT},
        **{name: maybe(float(draw.randint(0, 5))) for name in NUMBER},
        **{name: maybe(draw.random() < 0.5) for name in YES_NO},
        "leads.product": draw.choice(PRODUCTS),
        "accounts.region": draw.choice(REGIONS),
        "campaigns.type": draw.choice(CAMPAIGNS),
    }


CONTENT = {
    "x old": ("x", AS_OF - 100 * MICROSECONDS_PER_DAY),
    "y old": ("y", AS_OF - 100 * MICROSECONDS_PER_DAY),
    "x tagged tomorrow": ("x", AS_OF + MICROSECONDS_PER_DAY),
    "untagged": (None, None),
}


def random_acts(draw: random.Random) -> list[dict[str, object]]:
    acts = []
    for _ in range(draw.choice([0, 2, 4, 7])):
        occurred = AS_OF - draw.choice([-1, 0, 1, 2, 3, 4, 5, 11, 12, 20, 30]) * MICROSECONDS_PER_DAY
        content = draw.choice([*CONTENT, None])
        topic, tagged_at = CONTENT[content] if content else (None, None)
        acts.append(
            {
                "occurred_at": occurred,
                "known_at": occurred + draw.choice([0, 0, 0, 2]) * MICROSECONDS_PER_DAY,
                "kind": draw.choice("abc"),
                "agent": draw.choice([None, "Firefox", "Firefox", "Mimecast URL Protect", "Googlebot"]),
                "content_id": content,
                "topic": topic,
                "tagged_at": tagged_at if topic else None,
            }
        )
    return acts


def tables_of(engine, leads: dict[str, tuple[dict, list]]):
    """The rows and tables that the engine reads: facts of each lead, and all acts."""
    schema = {name: pa.string() for name in FACTS}
    schema |= {name: pa.float64() for name in NUMBER} | {name: pa.bool_() for name in YES_NO}
    rows = {"lead_id": pa.array(list(leads)), "as_of": pa.array([AS_OF] * len(leads), pa.int64())}
    rows |= {name: pa.array([facts[name] for facts, _ in leads.values()], kind) for name, kind in schema.items()}
    acts = [{"lead_id": lead, **act} for lead, (_, found) in leads.items() for act in found]
    kinds = {"lead_id": pa.string(), "occurred_at": pa.int64(), "known_at": pa.int64()}
    kinds |= dict.fromkeys(("kind", "agent", "content_id"), pa.string())
    content = {
        "content_id": pa.array(list(CONTENT)),
        "topic": pa.array([topic for topic, _ in CONTENT.values()]),
        "tagged_at": pa.array([at for _, at in CONTENT.values()], pa.int64()),
    }
    tables = {
        "engagements": pa.table({name: pa.array([act[name] for act in acts], kind) for name, kind in kinds.items()}),
        "content": pa.table(content),
    }
    return (
        engine.from_arrow("given_rows", pa.table(rows)),
        {name: engine.from_arrow(f"given_{name}", table) for name, table in tables.items()},
    )
