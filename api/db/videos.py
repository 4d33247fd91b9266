"""Queries on videos. Nothing here commits; the caller owns the transaction."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.clock import now
from api.db.models import Asset, Video
from api.states import State, sources

_ID = re.compile(r"video_[0-9a-f]{32}")


class IllegalTransitionError(Exception):
    """The video is in a state from which the wanted one cannot be reached."""

    def __init__(self, video_id: str, target: State) -> None:
        super().__init__(f"video {video_id} cannot become {target} now")


def get(session: Session, video_id: str) -> Video:
    """The video, for code that was handed its id by the database; raises NoResultFound."""
    return session.get_one(Video, video_id)


def lock(session: Session, video_id: str) -> Video:
    """The video; until this transaction ends, nobody else changes it or its case.

    Whoever changes a case locks its video first, so that no two wait for each other.
    """
    return session.get_one(Video, video_id, with_for_update=True)


def is_id(text: str) -> bool:
    """Whether it looks like the id of a video; PostgreSQL refuses some other texts, such as NUL."""
    return _ID.fullmatch(text) is not None


def find(session: Session, tenant: str, video_id: str) -> Video | None:
    """A tenant's video, unless it was deleted; any text may be asked for."""
    if not is_id(video_id):
        return None
    return session.scalar(
        sa.select(Video).where(
            Video.tenant == tenant, Video.id == video_id, Video.deleted_at.is_(None)
        )
    )


def find_by_idempotency_key(session: Session, tenant: str, key: str) -> Video | None:
    """The video that an earlier request with this key created."""
    return session.scalar(
        sa.select(Video).where(Video.tenant == tenant, Video.idempotency_key == key)
    )


def page(
    session: Session,
    tenant: str,
    *,
    after: Video | None,
    limit: int,
    order: Literal["asc", "desc"],
) -> tuple[Sequence[Video], bool]:
    """One page by creation time, and whether more follow."""
    position = sa.tuple_(Video.created_at, Video.id)
    query = sa.select(Video).where(
        Video.tenant == tenant, Video.deleted_at.is_(None), Video.state != State.REFUSED
    )
    if after is not None:
        cursor = sa.tuple_(
            sa.literal(after.created_at, Video.created_at.type), sa.literal(after.id)
        )
        query = query.where(position < cursor if order == "desc" else position > cursor)
    columns = (Video.created_at, Video.id)
    query = query.order_by(*(c.desc() if order == "desc" else c.asc() for c in columns))
    rows = session.scalars(query.limit(limit + 1)).all()
    return rows[:limit], len(rows) > limit


def move(
    session: Session,
    video_id: str,
    target: State,
    *,
    only_from: State | None = None,
    **changes: Any,
) -> None:
    """Change the state if the transition table allows it, in one conditional UPDATE.

    ``only_from`` narrows the table to one source. Raises IllegalTransitionError if another
    transaction was first or the move is not allowed.
    """
    allowed = sources(target) if only_from is None else sources(target) & {only_from}
    if target is State.IN_PROGRESS:
        changes["started_at"] = now()
    elif target.final:
        changes["finished_at"] = now()
    updated = session.scalar(
        sa.update(Video)
        .where(Video.id == video_id, Video.state.in_(allowed))
        .values(state=target, **changes)
        .returning(Video.id)
    )
    if updated is None:
        raise IllegalTransitionError(video_id, target)


def count_active(session: Session, tenant: str) -> int:
    """How many of a tenant's videos are not finished, nor refused."""
    active = [state for state in State if not state.final and state is not State.REFUSED]
    query = sa.select(sa.func.count()).where(Video.tenant == tenant, Video.state.in_(active))
    return session.scalar(query) or 0


def count_by_state(session: Session) -> dict[str, int]:
    """Number of videos in each state, over all tenants."""
    rows = session.execute(
        sa.select(Video.state, sa.func.count().label("total")).group_by(Video.state)
    )
    return {row.state: row.total for row in rows}


def queue_position(session: Session, video: Video) -> int:
    """How many queued videos of the same model are ahead of this one."""
    query = sa.select(sa.func.count()).where(
        Video.state == State.QUEUED,
        Video.model == video.model,
        sa.tuple_(Video.created_at, Video.id)
        < sa.tuple_(sa.literal(video.created_at, Video.created_at.type), sa.literal(video.id)),
    )
    return session.scalar(query) or 0


def ids_in_state(session: Session, state: State) -> list[str]:
    """The ids of all videos in one state."""
    return list(session.scalars(sa.select(Video.id).where(Video.state == state)))


def states(session: Session, video_ids: list[str]) -> dict[str, State]:
    """The states of those of the videos that exist."""
    rows = session.execute(sa.select(Video.id, Video.state).where(Video.id.in_(video_ids)))
    return {row.id: State(row.state) for row in rows}


def asset(session: Session, video_id: str) -> Asset | None:
    """The finished file's row, if the video got that far."""
    return session.get(Asset, video_id)


def released_objects(session: Session, video_id: str) -> frozenset[str]:
    """The keys of the objects that must stay: those of a completed, not deleted video."""
    row = session.scalar(
        sa.select(Asset)
        .join(Video)
        .where(
            Asset.video_id == video_id,
            Video.state == State.COMPLETED,
            Video.deleted_at.is_(None),
        )
    )
    return frozenset() if row is None else frozenset({row.object_key, row.thumbnail_key})


def manifest_labels(session: Session, video_ids: Sequence[str]) -> dict[str, str]:
    """The names of the manifests of those of the videos that were released, by video."""
    query = sa.select(Video.id, Video.manifest_label).where(
        Video.id.in_(video_ids), Video.state == State.COMPLETED
    )
    return {row.id: row.manifest_label for row in session.execute(query)}


def released_manifest(session: Session, label: str) -> bytes | None:
    """The manifest store that a video was released with, also of one that was deleted since: copies
    which are already out keep their origin."""
    return session.scalar(
        sa.select(Asset.manifest)
        .join(Video)
        .where(Video.manifest_label == label, Video.state == State.COMPLETED)
    )


def ended_since(session: Session, moment: datetime) -> list[str]:
    """The videos that finished without a released file, or were deleted, after ``moment``."""
    gone = sa.and_(Video.state != State.COMPLETED, Video.finished_at > moment)
    return list(session.scalars(sa.select(Video.id).where(gone | (Video.deleted_at > moment))))
