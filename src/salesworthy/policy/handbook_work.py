"""Chapters of the handbook about what follows: routes, consent, tracks, assets, reasons, retention, overrides."""

from __future__ import annotations

from salesworthy.policy.handbook_text import Lines, decided, history, table
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.words import day_in_words, listed_in_words


def steps_chapter(now: PolicyInForce) -> Lines:
    """Buying steps."""
    yield "## Buying steps"
    yield ""
    yield from table(
        ("step", "topics of content", "next step", "track"),
        [(each.title, ", ".join(each.topics), each.next_step, each.track) for each in now.policy.buying_steps],
    )


def routes_chapter(now: PolicyInForce) -> Lines:
    """Who works a lead."""
    policy = now.policy
    yield "## Who works a lead"
    yield ""
    rows = []
    for route in policy.routes:
        lists = (route.regions, route.countries, route.specialties, route.products, route.triggers)
        rows.append(
            (
                route.title,
                route.path,
                "; ".join(listed_in_words(each) for each in lists if each) or "all others",
                route.owner,
                decided(route),
            )
        )
    yield from table(("route", "path", "for", "owner", "decided"), rows)
    yield from table(
        ("owner", "capacity", "then", "decided"),
        [
            (
                each.title,
                history(each.capacity, now.day) if each.capacity else "without limit",
                ", ".join(each.spills_to) or "nobody",
                decided(each),
            )
            for each in policy.owners
        ],
    )
    yield from table(
        ("trigger", "first contact within", "decided"),
        [
            (", ".join(each.triggers) or "all others", history(each.within, now.day), decided(each))
            for each in policy.response_windows
        ],
    )


def consent_chapter(now: PolicyInForce) -> Lines:
    """The consent matrix."""
    yield "## Consent"
    yield ""
    rows = []
    for rule in now.policy.consent.matrix:
        lists = (rule.regions, rule.channels, rule.purposes, rule.content_types)
        expiry = [
            f"{name} for {history(dated, now.day)}"
            for name, dated in (("opt-in", rule.opt_in_expires), ("implied", rule.implied_expires))
            if dated
        ]
        rows.append(
            (
                rule.title,
                *(", ".join(each) or "all" for each in lists),
                rule.needs,
                "; ".join(expiry) or "no expiry",
                decided(rule),
            )
        )
    yield from table(("rule", "regions", "channels", "purposes", "content", "needs", "holds", "decided"), rows)


def tracks_chapter(now: PolicyInForce) -> Lines:
    """Nurture tracks."""
    yield "## Nurture tracks"
    yield ""
    for track in now.policy.tracks:
        yield f"### {track.title} ({track.code})"
        yield ""
        yield f"Call to action: {track.call_to_action}. Stops at first contact by sales. {decided(track)}"
        yield ""
        yield from table(("asset", "after"), [(step.asset, history(step.after, now.day)) for step in track.steps])


def assets_chapter(now: PolicyInForce) -> Lines:
    """Assets and whether they may be sent."""
    yield "## Approved assets"
    yield ""
    rows = []
    for each in now.policy.assets:
        reviewed = (
            f"{day_in_words(each.claims_reviewed.on)}, {each.claims_reviewed.by}" if each.claims_reviewed else "no"
        )
        usable = "yes" if each.is_approved(now.day) else "NO"
        rows.append(
            (
                f"{each.title} ({each.id})",
                each.kind,
                each.topic,
                ", ".join(each.products) or "all",
                ", ".join(each.regions) or "all",
                reviewed,
                day_in_words(each.expires),
                usable,
            )
        )
    yield from table(
        ("asset", "kind", "topic", "products", "regions", "claims reviewed", "expires", "may be sent"), rows
    )


def reasons_chapter(now: PolicyInForce) -> Lines:
    """The reason taxonomy."""
    yield "## Reasons"
    yield ""
    yield from table(
        ("family", "code", "title"), [(each.family, each.code, each.title) for each in now.policy.taxonomy.values()]
    )


def retention_chapter(now: PolicyInForce) -> Lines:
    """How long rows are kept."""
    yield "## Retention"
    yield ""
    yield from table(
        ("table", "kept for", "decided"),
        [(each.table, history(each.keep, now.day), decided(each)) for each in now.policy.retention],
    )


def overrides_chapter(now: PolicyInForce) -> Lines:
    """Overrides, where there are any."""
    if now.policy.overrides:
        yield "## Overrides"
        yield ""
        yield from table(
            ("override", "about", "decision", "until", "reason", "owner"),
            [
                (
                    each.code,
                    each.lead or each.account,
                    each.decision,
                    day_in_words(each.expires),
                    each.reason,
                    each.owner,
                )
                for each in now.policy.overrides
            ],
        )
