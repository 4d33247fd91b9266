"""`signet review`: the moderators' queue on the command line, over all tenants."""

from typing import Annotated

import typer

from api.caller import Caller
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    Json,
    console,
    fail,
    local_service,
    print_json,
    print_table,
)
from api.db.cases import ReviewState
from api.errors import ConflictError, InvalidRequestError, NotFoundError
from api.routes.review_schemas import ReviewObject
from api.service import Service

review = typer.Typer(
    help="Prompts and rendered frames that wait for a moderator.", no_args_is_help=True
)

_ACTOR = "cli"

VideoId = Annotated[str, typer.Argument(help="See `signet review list`.")]
Grounds = Annotated[str, typer.Option("--reason", help="Why; goes into the log.")]


@review.command("list")
def list_cases(
    state: Annotated[ReviewState, typer.Option(help="Cases in this state.")] = ReviewState.OPEN,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List held videos and appeals, the longest waiting first."""
    with local_service() as service:
        rows, _ = service.reviews.page(None, state=state, limit=limit)
    if as_json:
        print_json([ReviewObject.of(*row).model_dump(mode="json") for row in rows])
    else:
        print_table(
            (
                "ID",
                "TENANT",
                "KIND",
                "SINCE",
                "CLAIMED BY",
                "PROMPT",
                "NEGATIVE PROMPT",
                "APPEAL",
            ),
            [
                (
                    video.id,
                    video.tenant,
                    case.kind,
                    case.opened_at.isoformat(timespec="seconds"),
                    case.claimed_by,
                    video.prompt,
                    video.negative_prompt,
                    case.appeal,
                )
                for case, video in rows
            ],
        )


@review.command()
def approve(video_id: VideoId, reason: Grounds, as_json: Json = False) -> None:
    """Let a held or appealed video, or its rendered frames, go on; a running worker takes it up."""
    with local_service() as service:
        try:
            final = service.reviews.approve(video_id, _caller(service, video_id), reason)
        except InvalidRequestError as error:
            fail(str(error), EXIT_BAD_INPUT)
        except (ConflictError, NotFoundError) as error:
            fail(f"{error} See `signet review list`.", EXIT_NO)
    _say(video_id, "approved" if final else "approved; another moderator must approve too", as_json)


@review.command()
def reject(video_id: VideoId, reason: Grounds, as_json: Json = False) -> None:
    """Refuse a held or appealed video for good."""
    with local_service() as service:
        try:
            service.reviews.reject(video_id, _caller(service, video_id), reason)
        except InvalidRequestError as error:
            fail(str(error), EXIT_BAD_INPUT)
        except (ConflictError, NotFoundError) as error:
            fail(f"{error} See `signet review list`.", EXIT_NO)
    _say(video_id, "rejected", as_json)


def _caller(service: Service, video_id: str) -> Caller:
    """Acts for the tenant whose case it is. Raises NotFoundError."""
    return Caller(tenant=service.reviews.tenant_of(video_id), actor=_ACTOR)


def _say(video_id: str, decision: str, as_json: bool) -> None:
    if as_json:
        print_json({"id": video_id, "decision": decision})
    else:
        console.print(f"{video_id}: {decision}", markup=False)
