"""Features as of a moment in slow, plain Python: the judge of the fast ones. Knows no SQL and no tables of an engine.

Conditions and expressions are given as Python functions by the name of their feature, so that a mistake in reading or
translating a condition shows as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

DAY = 86_400_000_000
TIMES = {"engagements": ("occurred_at", "known_at"), "handoffs": ("handed_at", "handed_at"), "consents": ("at", "at")}
KEYS = {"content": "content_id", "campaigns": "campaign_id", "leads": "lead_id", "accounts": "account_id"}
KNOWN_FROM = {"content": "tagged_at", "campaigns": "approved_at", "leads": "created_at", "accounts": "created_at"}
LOOK_UPS = {"engagements": ("content", "campaigns", "leads"), "handoffs": ("leads",), "consents": ("leads",)}

Functions = Mapping[str, Callable[[dict], object]]


class Reference:
    """Answers questions one by one.

    Args:
        tables: Rows of each table.
        catalogue: Features, expressions after what they read.
        where: Conditions by feature; ``NAME.among`` for the whole of a share.
        expressions: Expressions by feature.
        results: Rows of (lead_id, known_at, label).
    """

    def __init__(self, tables, catalogue, where: Functions, expressions: Functions, results=()):
        self.tables = tables
        self.catalogue = catalogue
        self.where = where
        self.expressions = expressions
        self.results = results

    def answer(self, lead_id: str, as_of: int) -> dict:
        lead = self._find("leads", lead_id)
        if lead is None or lead["created_at"] > as_of:
            return dict.fromkeys(self.catalogue.names)
        found: dict = {}
        for feature in self.catalogue:
            found[feature.name] = self._measure(feature, lead, as_of, found)
        return found

    def _find(self, table, key):
        rows = [row for row in self.tables.get(table, ()) if row[KEYS[table]] == key and key is not None]
        return rows[0] if rows else None

    def _measure(self, feature, lead, as_of, found):
        if feature.kind == "column":
            return self._column(feature, lead, as_of)
        if feature.kind == "history":
            return self._history(feature, lead, as_of)
        if feature.kind == "expression":
            facts = self._facts(lead, as_of)
            value = self.expressions[feature.name]({**found, **facts})
            return None if value is None else float(value)
        if feature.per == "account" and lead.get("account_id") is None:
            return None
        acts = list(self._acts(feature, lead, as_of))
        chosen = [act for act in acts if self._holds(feature.name, act)]
        return getattr(self, f"_{feature.kind}")(feature, acts, chosen, as_of)

    def _holds(self, name, act):
        return self.where[name](act) is True if name in self.where else True

    # Facts ------------------------------------------------------------------------------------------------------------
    def _since(self, lead, table, known):
        """The moment from which a fact was known; None for never."""
        since = lead["created_at"]
        if table != "leads":
            known_from = (self._find(table, lead.get(KEYS[table])) or {}).get(KNOWN_FROM[table])
            since = since if known_from is None else max(since, known_from)
        if known == "at_creation":
            return since
        if known == "at_handoff":
            handed = [row["handed_at"] for row in self.tables["handoffs"] if row["lead_id"] == lead["lead_id"]]
            dated = min(handed, default=None)
        else:
            dated = lead.get(known.split(".")[1])
        return None if dated is None else max(since, dated)

    def _value(self, lead, table, column):
        row = lead if table == "leads" else self._find(table, lead.get(KEYS[table]))
        return (row or {}).get(column)

    def _fact(self, lead, as_of, table, column, known):
        since = self._since(lead, table, known)
        return self._value(lead, table, column) if since is not None and since <= as_of else None

    def _facts(self, lead, as_of):
        return {
            f"{table}.{column}": self._fact(lead, as_of, table, column, "at_creation")
            for table in ("leads", "accounts", "campaigns")
            for row in [lead if table == "leads" else self._find(table, lead.get(KEYS[table])) or {}]
            for column in row
        }

    def _column(self, feature, lead, as_of):
        value = self._fact(lead, as_of, feature.table, feature.column, feature.known)
        if value is None:
            return None
        if feature.type == "days_since":
            return (as_of - value) / DAY
        return {"number": float, "category": str, "yes_no": bool}[feature.type](value)

    def _history(self, feature, lead, as_of):
        key = self._fact(lead, as_of, feature.table, feature.column, feature.known)
        told = [row for row in self.results if row["known_at"] <= as_of]
        if key is None or not told:
            return None
        same = []
        for row in told:
            other = self._find("leads", row["lead_id"])
            if other is not None and self._fact(other, as_of, feature.table, feature.column, feature.known) == key:
                same.append(row["label"])
        overall = sum(row["label"] for row in told) / len(told)
        return (sum(same) + feature.strength * overall) / (len(same) + feature.strength)

    # Acts -------------------------------------------------------------------------------------------------------------
    def _acts(self, feature, lead, as_of):
        occurred, known = TIMES[feature.table]
        for row in self.tables[feature.table]:
            happened = row[occurred] < as_of if feature.table == "handoffs" else row[occurred] <= as_of
            known_at = row[occurred] if row.get(known) is None else row[known]
            inside = feature.window_micros is None or as_of - row[occurred] < feature.window_micros
            if happened and known_at <= as_of and inside and self._is_of(row, feature, lead, as_of):
                yield self._with_look_ups(row, feature.table, as_of)

    def _is_of(self, row, feature, lead, as_of):
        if feature.per == "lead":
            return row["lead_id"] == lead["lead_id"]
        other = self._find("leads", row["lead_id"])
        return other is not None and other.get("account_id") == lead["account_id"] and other["created_at"] <= as_of

    def _with_look_ups(self, row, table, as_of):
        act = {**row, "day": row[TIMES[table][0]] // DAY}
        for source in LOOK_UPS[table]:
            found = self._find(source, row.get(KEYS[source])) or {}
            known_from = found.get(KNOWN_FROM[source])
            if known_from is None or known_from <= as_of:
                act |= {f"{source}.{column}": value for column, value in found.items()}
        return act

    def _count(self, feature, acts, chosen, as_of):
        return len(chosen)

    def _distinct(self, feature, acts, chosen, as_of):
        return len({act.get(feature.column) for act in chosen} - {None})

    def _sum(self, feature, acts, chosen, as_of):
        return float(sum(act.get(feature.column) or 0.0 for act in chosen))

    def _recency(self, feature, acts, chosen, as_of):
        occurred = TIMES[feature.table][0]
        return min(((as_of - act[occurred]) / DAY for act in chosen), default=None)

    def _share(self, feature, acts, chosen, as_of):
        whole = [act for act in acts if self._holds(f"{feature.name}.among", act)]
        part = [act for act in whole if self._holds(feature.name, act)]
        return len(part) / len(whole) if whole else None
