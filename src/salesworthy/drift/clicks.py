"""Machine clicks: mail scanners and bots that open links, as far as they say who they are."""

from __future__ import annotations

import functools
import operator

import ibis
import ibis.expr.types as ir

MACHINES = ("safelinks", "barracuda", "proofpoint", "mimecast", "headless", "bot", "crawler", "spider")
"""Words in an agent that people's browsers do not carry; the shipped features leave the same acts out."""
NO_HINT = "no hint"
PEOPLE = "browsers of people"


def is_machine(agent: ir.StringColumn) -> ir.BooleanColumn:
    """Whether an agent says that it is a machine; one that gives no hint does not."""
    lowered = ibis.coalesce(agent, "").lower()
    return functools.reduce(operator.or_, (lowered.contains(word) for word in MACHINES))


def agent_name(agent: ir.StringColumn) -> ir.StringColumn:
    """The agent of a machine by name; those of people together."""
    return ibis.cases((agent.isnull(), NO_HINT), (is_machine(agent), agent), else_=PEOPLE)
