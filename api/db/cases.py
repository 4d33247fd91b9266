"""Queries on the cases that moderators decide. Nothing here commits; the caller owns the
transaction, and locks the video of a case that it changes (`videos.lock`)."""

from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.clock import now
from api.db import videos
from api.db.models import Review, Video


class ReviewKind(StrEnum):
    """Why there is a case."""

    HELD = "held"
    APPEAL = "appeal"
    FRAMES = "frames"


class ReviewState(StrEnum):
    """How far a case is; only an open one can change."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


def open_case(session: Session, video: Video, kind: ReviewKind, appeal: str | None = None) -> None:
    """Put a video into the queue; what was decided about it before is in the log."""
    session.merge(
        Review(
            video_id=video.id,
            tenant=video.tenant,
            kind=kind,
            state=ReviewState.OPEN,
            appeal=appeal,
            opened_at=now(),
            claimed_by=None,
            claimed_at=None,
            approved_by=None,
            decided_at=None,
        )
    )


def withdraw(session: Session, video_id: str) -> None:
    """Take a video that ends otherwise out of the queue."""
    session.execute(
        sa.update(Review)
        .where(Review.video_id == video_id, Review.state == ReviewState.OPEN)
        .values(state=ReviewState.WITHDRAWN, decided_at=now(), appeal=None)
    )


def find(session: Session, video_id: str, tenant: str | None) -> Review | None:
    """A tenant's case, or anybody's if that is None; any text may be asked for."""
    if not videos.is_id(video_id):
        return None
    review = session.get(Review, video_id)
    return review if review and tenant in (None, review.tenant) else None


def page(
    session: Session, tenant: str | None, *, state: ReviewState, after: Review | None, limit: int
) -> tuple[Sequence[tuple[Review, Video]], bool]:
    """Cases in one state with their videos, and whether more follow; of all tenants if `tenant` is
    None. What waits longest comes first, and of what was closed the newest decision."""
    waits = state is ReviewState.OPEN
    moment = Review.opened_at if waits else Review.decided_at
    columns = (moment, Review.video_id)
    position = sa.tuple_(*columns)
    query = sa.select(Review, Video).join(Video).where(Review.state == state)
    if tenant is not None:
        query = query.where(Review.tenant == tenant)
    if after is not None:
        reached = after.opened_at if waits else after.decided_at
        last = sa.tuple_(sa.literal(reached, moment.type), sa.literal(after.video_id))
        query = query.where(position > last if waits else position < last)
    order = columns if waits else tuple(column.desc() for column in columns)
    found = session.execute(query.order_by(*order).limit(limit + 1))
    rows = [(review, video) for review, video in found]
    return rows[:limit], len(rows) > limit
