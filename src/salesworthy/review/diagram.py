"""The states of a review as a diagram and a table, generated into the documentation."""

from __future__ import annotations

from salesworthy.review.states import OWNER_SAYS, OWNERS, SAYS, TRANSITIONS, State


def diagram() -> str:
    """The states and the steps between them, as a Mermaid state diagram."""
    steps = [
        f"    {state} --> {target}: {step}"
        for state, possible in TRANSITIONS.items()
        for step, targets in possible.items()
        for target in targets
    ]
    ends = [f"    {state} --> [*]" for state, possible in TRANSITIONS.items() if not possible]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.OPENED}: open", *steps, *ends])


def table() -> str:
    """The states in words, as a Markdown table: what each means and whose move it is."""
    rows = [f"| `{state}` | {SAYS[state]} | {OWNER_SAYS[OWNERS[state]]} |" for state in State]
    return "\n".join(["| state | | next |", "|---|---|---|", *rows])
