"""``salesworthy score``: the batch job, or a few leads now."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, Draft, Engine, Model, Out, app
from salesworthy.cli.explain import lead_text
from salesworthy.cli.metrics import current
from salesworthy.cli.terminal import now, print_result, progress_bar, table
from salesworthy.domain.errors import WrongUsage


@app.command(epilog="Example: salesworthy score --as-of 2026-07-01 --out out")
def score(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    out: Out = None,
    model: Model = None,
    leads: Annotated[
        str | None, typer.Option(metavar="ID,...", help="Only these leads, now; nothing is published.")
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="With --leads: publish them as a run of their own.")
    ] = False,
    draft: Draft = False,
    engine: Engine = None,
    as_json: AsJson = False,
) -> None:
    """Score and decide every open lead, with reasons and packets, and publish the run; complete or not at all."""
    from salesworthy.runs.check import default_moment

    workspace = context.obj.open(engine)
    clock = now()
    moment = default_moment(workspace, clock) if as_of is None else workspace.moment(as_of)
    _refuse_publish_alone(publish=publish, leads=leads)
    with progress_bar() as progress:
        if leads is not None:
            named = [each.strip() for each in leads.split(",") if each.strip()]
            if publish:
                from salesworthy.runs.publish_few import publish_few

                publish_few(
                    workspace, named, as_of=moment, model=model, out=out, draft=draft, now=clock, progress=progress
                )
            from salesworthy.runs.explain import explain_now

            found = explain_now(
                workspace, named, as_of=moment, model=model, out=out, draft=draft, keep=True, progress=progress
            )
            print_result({"leads": found}, "\n\n".join(lead_text(each) for each in found), as_json=as_json)
            return
        from salesworthy.runs.score import score as score_workspace

        run = score_workspace(
            workspace, as_of=moment, out=out, model=model, now=clock, draft=draft, keep=True, progress=progress
        )
    _measure(run.as_dict())
    print_result(run.as_dict(), _run_text(run.as_dict()), as_json=as_json)


def _measure(run: dict[str, Any]) -> None:
    """Figures of a run for those who watch the job."""
    metrics = current()
    metrics.set_each("leads", run["counts"], "decision")
    metrics.set_each("suppressed_leads", run["suppressed"], "reason")
    metrics.set_each("rejected_rows", run["rejected"], "table")
    metrics.set_each("step_seconds", {step: taken["seconds"] for step, taken in run["profile"].items()}, "step")
    metrics.set("warnings", len(run["warnings"]))


def _refuse_publish_alone(*, publish: bool, leads: str | None) -> None:
    if publish and leads is None:
        raise WrongUsage(
            "--publish goes with --leads",
            where="score",
            todo="name the leads; without --leads a run is always published",
        )


def _run_text(run: dict[str, Any]) -> str:
    done = "This run was published before; nothing was done." if run["already_published"] else "Published."
    counts = [[decision, f"{count:,}"] for decision, count in run["counts"].items()]
    rejected = sum(run["rejected"].values())
    lines = [
        f"{done} Run {run['run_id']}, as of {run['as_of']}, {_behind(run)}",
        table(["decision", "leads"], counts) if counts else "No lead was open at that moment.",
        f"Rows set aside by contracts: {rejected:,}",
        *_policy_lines(run),
        *(f"Warning: {warning}" for warning in run["warnings"]),
        *_shadow_lines(run["shadow"]),
        *_time_lines(run["profile"]),
        f"In {run['folder']}",
    ]
    return "\n".join(lines)


def _shadow_lines(shadow: dict[str, Any] | None) -> list[str]:
    """What the challenger would have decided otherwise."""
    if shadow is None:
        return []
    if "failed" in shadow:
        return [f"Warning: no shadow scores by {shadow['model_version']}: {shadow['failed']}"]
    moved = [f"{count:,} {old} -> {new}" for old, others in shadow["moved"].items() for new, count in others.items()]
    return [f"The challenger {shadow['model_version']} would have changed: {', '.join(moved) or 'no decision'}"]


def _time_lines(profile: dict[str, dict[str, float]]) -> list[str]:
    """The steps that took most of a run's time."""
    longest = sorted(profile.items(), key=lambda each: -each[1]["seconds"])[:4]
    told = ", ".join(f"{name} {taken['seconds']:.1f} s ({taken['share']:.0%})" for name, taken in longest)
    return [f"Time went to: {told}"] if told else []


def _behind(run: dict[str, Any]) -> str:
    model = f"model {run['model_version']}" if run["model_version"] else "no model"
    return f"{model}, policy {run['policy_version']}" if run["policy_version"] else model


def _policy_lines(run: dict[str, Any]) -> list[str]:
    """What a run under a policy says beside its counts: who was left out, and what should be looked at."""
    if not run["policy_version"]:
        return []
    suppressed = [f"Not scored, {why}: {count:,}" for why, count in run["suppressed"].items()]
    over = sum(owner["over_capacity"] for owner in run["owners"].values())
    worst = run["form_capture"][:1]
    draw = run["exploration"]
    return [
        *suppressed,
        *([f"Of the MQLs drawn at random to learn from: {_drawn(draw)}"] if draw["share"] else []),
        *([f"MQLs over the capacity of everybody on their route: {over:,}"] if over else []),
        *(f"Ask for {each['fact']}: {each['unknown']:,} verdicts hang on it" for each in worst),
        f"Findings about the policy: {len(run['findings'])} (in manifest.json)",
    ]


def _drawn(draw: dict[str, Any]) -> str:
    return f"{draw['drawn']:,} of {draw['below_threshold']:,} leads that fit and are below the threshold"
