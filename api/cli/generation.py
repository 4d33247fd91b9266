"""`signet generate` and `signet moderate`."""

import json
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import safety
from api.caller import Caller
from api.cli.guard import LOAD_SECONDS
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_INTERNAL,
    EXIT_NO,
    Json,
    console,
    errors,
    fail,
    local_service,
    print_json,
    require_writable,
)
from api.db import videos
from api.db.models import Video
from api.errors import ModerationBlockedError
from api.intake import Order
from api.lease import WorkerIdTakenError
from api.policies import Policies
from api.service import Service, open_guards
from api.settings import Settings
from api.states import State
from generator.visible_label import Corner

_POLL_SECONDS = 0.2
_Judge = Callable[[str], safety.Decision]
CALLER = Caller(tenant="default", actor="cli")
"""Whose videos are that are made here."""


def generate(
    prompt: Annotated[str, typer.Argument(help="What the video shows.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The MP4 to write.")],
    negative_prompt: Annotated[str | None, typer.Option(help="What it must not show.")] = None,
    model: Annotated[str | None, typer.Option(help="See `signet models list`.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Duration.")] = None,
    size: Annotated[str | None, typer.Option(help="Width x height, e.g. 720x480.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps.")] = None,
    guidance_scale: Annotated[float | None, typer.Option(help="How closely to follow.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same frames.")] = None,
    visible_label: Annotated[
        Corner | None, typer.Option(help="Where to burn a visible label in.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Generate a video on this machine: moderated, marked, signed and logged.

    Runs the same workflow as the server, and hands the job to a server that is running. Exits
    with 1 if the prompt is refused or held for review.
    """
    require_writable(output)
    order = Order(
        prompt,
        negative_prompt,
        model,
        seconds,
        size,
        steps,
        guidance_scale,
        seed,
        visible_label,
    )
    with local_service() as service:
        service.guards.load(LOAD_SECONDS)
        try:
            video = service.intake.create(order, CALLER)
        except ModerationBlockedError as error:
            video_id = error.extra["subject"]
            fail(
                f"{error.message} ({video_id}): `signet review appeal {video_id} --reason …` asks "
                "a person to decide",
                EXIT_NO,
                error.code,
                error.extra,
            )
        if video.state == State.HELD:
            fail(
                f"held for review ({video.id}): `signet review approve {video.id} --reason …` lets "
                "it go on, in the next worker that runs",
                EXIT_NO,
                "held_for_review",
            )
        try:
            video = _produce(service, video)
        except KeyboardInterrupt:
            service.intake.cancel(video.id, CALLER)
            fail(f"cancelled {video.id}", EXIT_NO)
        if video.state == State.WITHHELD:
            fail(
                f"rendered and held for review ({video.id}): `signet review list` says why, "
                f"`signet review approve {video.id} --reason …` lets it go on",
                EXIT_NO,
                "held_for_review",
            )
        if video.state != State.COMPLETED:
            refused = video.state == State.CANCELLED or video.error_code == "frames_blocked"
            message = f"{video.error_message or video.state} ({video.id})"
            fail(message, EXIT_NO if refused else EXIT_INTERNAL, video.error_code)
        _deliver(service, video, output, as_json=as_json)


def _produce(service: Service, video: Video) -> Video:
    """Watch the job until it is finished, running it here unless another worker is."""
    with ExitStack() as stack:
        worker = service.worker(models=service.settings.models, produces=True)
        try:
            worker.start()
            stack.callback(worker.stop)
        except WorkerIdTakenError:
            errors.print("using the worker that is already running", style="dim")
        bar = stack.enter_context(
            Progress(
                TextColumn("{task.description:<10}"),
                BarColumn(),
                TextColumn("{task.completed}/{task.total}"),
                TimeElapsedColumn(),
                console=errors,
                transient=True,
            )
        )
        task = bar.add_task("queued", total=None)
        while not State(video.state).final and video.state != State.WITHHELD:
            time.sleep(_POLL_SECONDS)
            progress = service.jobs.progress(video.id)
            bar.update(
                task,
                description=progress.stage or "queued",
                completed=progress.step,
                total=progress.total or None,
            )
            with service.database.transaction() as session:
                video = videos.get(session, video.id)
    return video


def _deliver(service: Service, video: Video, output: Path, *, as_json: bool) -> None:
    with service.database.transaction() as session:
        asset = videos.asset(session, video.id)
    if asset is None:
        raise RuntimeError(f"{video.id} is completed without a file")
    with service.storage.local_copy(asset.object_key) as path:
        shutil.copyfile(path, output)
    if as_json:
        print_json(
            {
                "id": video.id,
                "file": str(output),
                "sha256": asset.sha256,
                "mark_id": video.mark_id,
                "manifest_label": video.manifest_label,
                "model": video.model,
                "warnings": video.warnings,
                **video.request,
            }
        )
        return
    request = video.request
    for warning in video.warnings:
        errors.print(f"warning: {warning}", markup=False)
    console.print(
        f"{output}: {request['width']}x{request['height']}, {request['num_frames']} frames at "
        f"{request['fps']:g} fps, model {video.model}, seed {request['seed']}\n"
        f"{video.id}  mark {video.mark_id}  {video.manifest_label}",
        markup=False,
        soft_wrap=True,
    )


def moderate(
    prompt: Annotated[str | None, typer.Argument(help="The text to judge.")] = None,
    jsonl: Annotated[
        str | None,
        typer.Option(help='File of {"id", "prompt"} lines, or - for standard input.'),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what the service would do with a prompt: allow, review or block.

    Judges by the default policy, and without anybody's consent; waits for guard models to load.

    With --jsonl, answers one JSON line per input line. Exits with 1 unless everything is allowed.
    """
    if (prompt is None) == (jsonl is None):
        fail("give either a PROMPT or --jsonl FILE", EXIT_BAD_INPUT)
    settings = Settings()
    policy = Policies(settings.policy_dir).path_for(CALLER.tenant)
    with open_guards(settings) as guards:
        guards.load(LOAD_SECONDS)
        judge = partial(safety.moderate, policy_path=policy, guards=guards)
        allowed = (
            _moderate_one(prompt or "", judge, as_json=as_json)
            if jsonl is None
            else _moderate_lines(jsonl, judge)
        )
    raise typer.Exit(0 if allowed else EXIT_NO)


def _moderate_one(prompt: str, judge: _Judge, *, as_json: bool) -> bool:
    decision = judge(prompt)
    allowed = decision.action == "allow"
    if as_json:
        print_json(_answer(None, decision))
    else:
        console.print(decision.action, style="green" if allowed else "red")
        for reason in decision.reasons:
            console.print(f"  {reason.message}", markup=False)
    return allowed


def _moderate_lines(name: str, judge: _Judge) -> bool:
    allowed = True
    with ExitStack() as stack:
        source = sys.stdin if name == "-" else stack.enter_context(Path(name).open())
        for number, line in enumerate(source, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                decision = judge(row["prompt"])
            except (ValueError, KeyError, TypeError):
                fail(f'line {number} is not {{"id", "prompt"}}', EXIT_BAD_INPUT)
            sys.stdout.write(json.dumps(_answer(row.get("id"), decision)) + "\n")
            allowed = allowed and decision.action == "allow"
    return allowed


def _answer(row_id: Any, decision: safety.Decision) -> dict[str, Any]:
    return {
        "id": row_id,
        "action": decision.action,
        "categories": decision.categories,
        "reasons": [reason.message for reason in decision.reasons],
        "guards": [asdict(answer) for answer in decision.guards],
        "policy_version": decision.policy_version,
        "classifier_version": decision.classifier_version,
    }
