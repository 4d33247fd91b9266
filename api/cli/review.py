"""`signet review`: the moderators' queue on the command line, over all tenants."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.caller import Caller
from api.cli.generation import CALLER
from api.cli.output import (
    EXIT_BAD_INPUT,
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
from api.db.cases import ReviewState
from api.errors import ConflictError, GoneError, InvalidRequestError, NotFoundError
from api.reviews import Reviews
from api.routes.consent_schemas import ConsentObject
from api.routes.review_schemas import ReviewDecision, ReviewObject

review = typer.Typer(
    help="Prompts and rendered frames that wait for a moderator.", no_args_is_help=True
)

_ACTOR = "cli"
_KINDS = {"held": "held prompt", "appeal": "appeal", "frames": "rendered frames"}
_EVIDENCE = ("frame", "label", "distance", "quality")

VideoId = Annotated[str, typer.Argument(help="See `signet review list`.")]
Grounds = Annotated[str, typer.Option("--reason", help="Why; goes into the log.")]


@review.command("list")
def list_cases(
    state: Annotated[ReviewState, typer.Option(help="Cases in this state.")] = ReviewState.OPEN,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List what waits for a decision, the longest waiting first, or closed cases, the newest
    decision first."""
    with local_service() as service:
        found, more = service.reviews.page(None, state=state, limit=limit)
    listed = [ReviewObject.of(case) for case in found]
    if as_json:
        print_json([case.model_dump(mode="json") for case in listed])
        return
    for case in listed:
        _print_case(case)
    if not listed:
        waits = state is ReviewState.OPEN
        errors.print("Nothing waits for a decision." if waits else "There are no such cases.")
    elif more:
        errors.print("There are more: see --limit.")


@review.command()
def show(video_id: VideoId, as_json: Json = False) -> None:
    """Show everything about a case, decided or not."""
    with _acting(video_id) as (reviews, caller):
        case = ReviewObject.of(reviews.get(video_id, caller.tenant))
    if as_json:
        print_json(case.model_dump(mode="json"))
        return
    _print_case(case)
    scores = sorted(case.categories.items(), key=lambda item: -item[1])
    _print_fact(
        "scores", ", ".join(f"{name} {score:.2f}" for name, score in scores if score >= 0.01)
    )
    _print_fact("policy", case.policy_version)


@review.command()
def frames(
    video_id: VideoId,
    output: Annotated[Path, typer.Option("--output", "-o", help="The JPEG to write.")],
    as_json: Json = False,
) -> None:
    """Save a contact sheet of rendered frames that wait: at most 24, with their times.

    That you were shown it is logged. Delete it when you have decided: unlike what is released, it
    says nowhere where it comes from.
    """
    require_writable(output)
    with _acting(video_id) as (reviews, caller):
        jpeg = reviews.sheet(video_id, caller)
    output.write_bytes(jpeg)
    _answer(f"the frames are in {output}", as_json, id=video_id, file=str(output))


@review.command()
def claim(video_id: VideoId, as_json: Json = False) -> None:
    """Keep a case from other moderators for 15 minutes."""
    with _acting(video_id) as (reviews, caller):
        reviews.claim(video_id, caller)
    _answer("claimed for 15 minutes", as_json, id=video_id, claimed=True)


@review.command()
def release(video_id: VideoId, as_json: Json = False) -> None:
    """Give a claimed case back to the queue."""
    with _acting(video_id) as (reviews, caller):
        reviews.release(video_id, caller)
    _answer("back in the queue", as_json, id=video_id, claimed=False)


@review.command()
def approve(video_id: VideoId, reason: Grounds, as_json: Json = False) -> None:
    """Let a held or appealed video, or its rendered frames, go on; a running worker takes it up."""
    with _acting(video_id) as (reviews, caller):
        final = reviews.approve(video_id, caller, reason)
    decision = "approved" if final else "approved; another moderator must approve too"
    _answer(decision, as_json, id=video_id, decision=decision)


@review.command()
def reject(video_id: VideoId, reason: Grounds, as_json: Json = False) -> None:
    """Refuse a held or appealed video, or its rendered frames, for good."""
    with _acting(video_id) as (reviews, caller):
        reviews.reject(video_id, caller, reason)
    _answer("rejected", as_json, id=video_id, decision="rejected")


@review.command()
def appeal(
    video_id: Annotated[str, typer.Argument(help="That `signet generate` was refused.")],
    reason: Grounds,
    as_json: Json = False,
) -> None:
    """Ask a moderator to decide on a prompt that the classifier refused; once."""
    with local_service() as service:
        with service.database.transaction() as session:
            video = videos.find(session, CALLER.tenant, video_id)
        if video is None:
            fail(f"There is no video {video_id} of the tenant {CALLER.tenant}.", EXIT_NO)
        try:
            service.reviews.appeal(video_id, CALLER, reason)
        except ConflictError as error:
            fail(str(error), EXIT_NO)
    _answer("appealed; it waits for a moderator", as_json, id=video_id, appealed=True)


@contextmanager
def _acting(video_id: str) -> Iterator[tuple[Reviews, Caller]]:
    """The queue, and a moderator of the tenant whose case it is; a refusal ends the program."""
    with local_service() as service:
        try:
            tenant = service.reviews.tenant_of(video_id)
            yield service.reviews, Caller(tenant=tenant, actor=_ACTOR)
        except InvalidRequestError as error:
            fail(str(error), EXIT_BAD_INPUT)
        except NotFoundError as error:
            fail(f"{error} See `signet review list`.", EXIT_NO)
        except (ConflictError, GoneError) as error:
            fail(f"{error} See `signet review show {video_id}`.", EXIT_NO)


def _print_case(case: ReviewObject) -> None:
    since = "waits since" if case.state is ReviewState.OPEN else f"{case.state}, opened"
    what = f"{_KINDS[case.kind]}, {since} {_moment(case.opened_at)}"
    console.print(f"{case.id}: {what}", markup=False, soft_wrap=True)
    facts = [
        ("tenant", case.tenant),
        ("model", case.model),
        ("prompt", "(erased)" if case.prompt is None else case.prompt),
        ("not wanted", case.negative_prompt),
        *(("stopped", reason["message"]) for reason in case.reasons),
        *(("stopped", _finding(found)) for found in case.findings),
        *(("consent to check", _consent(consent)) for consent in case.consents),
        ("appeal", case.appeal),
        (
            "claimed",
            case.claimed_until and f"until {_moment(case.claimed_until)} by {case.claimed_by}",
        ),
        *(("decided", _decision(decision)) for decision in case.decisions),
    ]
    for name, value in facts:
        if value:
            _print_fact(name, value)


def _print_fact(name: str, value: str) -> None:
    console.print(f"  {name}: {value}", markup=False, soft_wrap=True)


def _finding(found: dict[str, Any]) -> str:
    """Its sentence, and what there is of its evidence."""
    evidence = [f"{name} {found[name]}" for name in _EVIDENCE if name in found]
    if "score" in found:
        evidence.append(f"score {found['score']:.2f}")
    return f"{found['message']} ({', '.join(evidence)})" if evidence else str(found["message"])


def _consent(consent: ConsentObject) -> str:
    """Whose, and for what, to be compared with the prompt."""
    uses = "(erased)" if consent.uses is None else consent.uses
    return f"{consent.subject}: {uses} ({consent.state}, {consent.id})"


def _decision(decision: ReviewDecision) -> str:
    what = decision.decision if decision.final else f"{decision.decision} (the first of two)"
    by, why = decision.by or "(erased)", decision.reason or "(erased)"
    return f"{what} by {by} at {_moment(decision.at)}: {why}"


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _answer(sentence: str, as_json: bool, **facts: Any) -> None:
    if as_json:
        print_json(facts)
    else:
        console.print(f"{facts['id']}: {sentence}", markup=False)
