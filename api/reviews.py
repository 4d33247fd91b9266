"""What moderators do: the queue of held and appealed videos, claims, decisions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import events
from api.caller import Caller
from api.clock import now
from api.db import videos
from api.db.models import Review, Video
from api.db.session import Database
from api.engine import Jobs
from api.errors import ConflictError, NotFoundError
from api.settings import Settings
from api.states import State

_CLAIM = timedelta(minutes=15)


class ReviewKind(StrEnum):
    """Why there is a case."""

    HELD = "held"
    APPEAL = "appeal"


class ReviewState(StrEnum):
    """How far a case is; only an open one can change."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


def open_case(session: Session, video: Video, kind: ReviewKind, appeal: str | None = None) -> None:
    """Put a video into the queue."""
    session.add(
        Review(
            video_id=video.id,
            tenant=video.tenant,
            kind=kind,
            state=ReviewState.OPEN,
            appeal=appeal,
            opened_at=now(),
        )
    )


def withdraw(session: Session, video_id: str) -> None:
    """Take a video that is cancelled or deleted out of the queue."""
    session.execute(
        sa.update(Review)
        .where(Review.video_id == video_id, Review.state == ReviewState.OPEN)
        .values(state=ReviewState.WITHDRAWN, decided_at=now(), appeal=None)
    )


class Reviews:
    """The queue."""

    def __init__(self, settings: Settings, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._jobs = jobs
        self._approvals_needed = 2 if settings.review_four_eyes else 1

    def page(
        self,
        tenant: str | None,
        *,
        state: ReviewState = ReviewState.OPEN,
        after: str | None = None,
        limit: int = 50,
    ) -> tuple[Sequence[tuple[Review, Video]], bool]:
        """Cases, the oldest first, and whether more follow; of all tenants if `tenant` is None.

        Raises NotFoundError for an unknown `after`, the video of the last case before.
        """
        position = sa.tuple_(Review.opened_at, Review.video_id)
        query = sa.select(Review, Video).join(Video).where(Review.state == state)
        with self._database.transaction() as session:
            if tenant is not None:
                query = query.where(Review.tenant == tenant)
            if after is not None:
                last = _find(session, after, tenant)
                if last is None:
                    raise NotFoundError("There is no such case to start after.", param="after")
                query = query.where(
                    position
                    > sa.tuple_(
                        sa.literal(last.opened_at, Review.opened_at.type), sa.literal(after)
                    )
                )
            ordered = query.order_by(Review.opened_at, Review.video_id).limit(limit + 1)
            rows = [(review, video) for review, video in session.execute(ordered)]
        return rows[:limit], len(rows) > limit

    def tenant_of(self, video_id: str) -> str:
        """Whose case it is. Raises NotFoundError."""
        with self._database.transaction() as session:
            review = _find(session, video_id, None)
            if review is None:
                raise NotFoundError(f"There is no case of a video {video_id}.")
            return review.tenant

    def claim(self, video_id: str, caller: Caller) -> None:
        """Keep a case from others for 15 minutes. Raises NotFoundError and ConflictError."""
        with self._database.transaction() as session:
            review = _open(session, video_id, caller)
            review.claimed_by, review.claimed_at = caller.actor, now()
            caller.log(session, events.ReviewClaimed(), subject=video_id)

    def approve(self, video_id: str, caller: Caller, reason: str) -> bool:
        """Let a video go on; returns False where another moderator has to approve as well.

        Raises NotFoundError, and ConflictError for a case that is decided, somebody else's, or
        approved by the same moderator before.
        """
        with self._database.transaction() as session:
            review = _open(session, video_id, caller)
            if review.approved_by == caller.actor:
                raise ConflictError("You have approved it; now another moderator must.")
            final = self._approvals_needed == 1 or review.approved_by is not None
            review.approved_by = review.approved_by or caller.actor
            review.claimed_by = review.claimed_at = None
            if final:
                _close(session, video_id, ReviewState.APPROVED)
                videos.move(
                    session,
                    video_id,
                    State.QUEUED,
                    only_from=_FROM[ReviewKind(review.kind)],
                    error_code=None,
                    error_message=None,
                )
            event = events.ReviewApproved(final=final)
            caller.log(session, event, subject=video_id, personal={"reason": reason})
        if final:
            self._jobs.submit(video_id)
        return final

    def reject(self, video_id: str, caller: Caller, reason: str) -> None:
        """Refuse a video for good. Raises NotFoundError and ConflictError."""
        with self._database.transaction() as session:
            review = _open(session, video_id, caller)
            _close(session, video_id, ReviewState.REJECTED)
            videos.move(
                session,
                video_id,
                State.FAILED,
                only_from=_FROM[ReviewKind(review.kind)],
                error_code="moderation_rejected",
                error_message="The request was refused by a moderator.",
            )
            event = events.ReviewRejected()
            caller.log(session, event, subject=video_id, personal={"reason": reason})

    def appeal(self, video_id: str, caller: Caller, reason: str) -> None:
        """Ask for a person's decision on a refused video; once. Raises ConflictError."""
        with self._database.transaction() as session:
            video = videos.get(session, video_id)
            if video.state != State.REFUSED or session.get(Review, video_id) is not None:
                raise ConflictError("Only a refused video can be appealed, and only once.")
            open_case(session, video, ReviewKind.APPEAL, reason)
            try:
                session.flush()
            except IntegrityError as error:  # twice at once
                raise ConflictError("It is appealed already.") from error
            event = events.ReviewAppealed()
            caller.log(session, event, subject=video_id, personal={"reason": reason})


_FROM = {ReviewKind.HELD: State.HELD, ReviewKind.APPEAL: State.REFUSED}


def _open(session: Session, video_id: str, caller: Caller) -> Review:
    """The open case of the caller's tenant that nobody else has claimed."""
    review = _find(session, video_id, caller.tenant)
    if review is None:
        raise NotFoundError(f"There is no case of a video {video_id}.")
    if review.state != ReviewState.OPEN:
        raise ConflictError(f"The case is {review.state} already.")
    if review.claimed_by not in (None, caller.actor) and _is_recent(review.claimed_at):
        raise ConflictError("Another moderator has claimed it.")
    return review


def _find(session: Session, video_id: str, tenant: str | None) -> Review | None:
    """A tenant's case, or anybody's if that is None, locked; any text may be asked for."""
    if not videos.is_id(video_id):
        return None
    review = session.get(Review, video_id, with_for_update=True)
    return review if review and tenant in (None, review.tenant) else None


def _close(session: Session, video_id: str, state: ReviewState) -> None:
    """Decide an open case, once: of two at the same time, the second one fails."""
    decided = session.scalar(
        sa.update(Review)
        .where(Review.video_id == video_id, Review.state == ReviewState.OPEN)
        .values(state=state, decided_at=now())
        .returning(Review.video_id)
    )
    if decided is None:
        raise ConflictError("Another moderator was faster.")


def _is_recent(claimed_at: datetime | None) -> bool:
    return claimed_at is not None and now() - claimed_at < _CLAIM
