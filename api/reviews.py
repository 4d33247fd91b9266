"""What moderators do: the queue of held and appealed videos, claims, decisions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api import events
from api.caller import Caller
from api.clock import now
from api.db import cases, videos
from api.db.cases import ReviewKind, ReviewState
from api.db.models import Review, Video
from api.db.session import Database
from api.engine import Jobs
from api.errors import ConflictError, InvalidRequestError, NotFoundError
from api.settings import Settings
from api.states import State

_CLAIM = timedelta(minutes=15)


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
        with self._database.transaction() as session:
            last = None if after is None else cases.find(session, after, tenant)
            if after is not None and last is None:
                raise NotFoundError("There is no such case to start after.", param="after")
            return cases.page(session, tenant, state=state, after=last, limit=limit)

    def tenant_of(self, video_id: str) -> str:
        """Whose case it is. Raises NotFoundError."""
        with self._database.transaction() as session:
            return _find(session, video_id, None).tenant

    def is_appealed(self, video_id: str) -> bool:
        """Whether its caller has asked for a person's decision."""
        with self._database.transaction() as session:
            review = session.get(Review, video_id)
        return review is not None and review.kind == ReviewKind.APPEAL

    def claim(self, video_id: str, caller: Caller) -> None:
        """Keep a case from others for 15 minutes. Raises NotFoundError and ConflictError."""
        with self._database.writing() as session:
            review = _lock_open(session, video_id, caller)
            review.claimed_by, review.claimed_at = caller.actor, now()
            caller.log(session, events.ReviewClaimed(), subject=video_id)

    def approve(self, video_id: str, caller: Caller, reason: str) -> bool:
        """Let a video go on; returns False where another moderator has to approve as well.

        Raises NotFoundError, and ConflictError for a case that is decided, somebody else's, or
        approved by the same moderator before, and InvalidRequestError for a blank reason.
        """
        _require_words(reason)
        with self._database.writing() as session:
            review = _lock_open(session, video_id, caller)
            if review.approved_by == caller.actor:
                raise ConflictError("You have approved it; now another moderator must.")
            final = self._approvals_needed == 1 or review.approved_by is not None
            review.approved_by = review.approved_by or caller.actor
            review.claimed_by = review.claimed_at = None
            kind = ReviewKind(review.kind)
            if final:
                _decide(review, ReviewState.APPROVED)
                videos.move(
                    session,
                    video_id,
                    State.CLEARED if kind is ReviewKind.FRAMES else State.QUEUED,
                    only_from=_FROM[kind],
                    error_code=None,
                    error_message=None,
                )
            event = events.ReviewApproved(final=final)
            caller.log(session, event, subject=video_id, personal={"reason": reason})
        if final and kind is ReviewKind.FRAMES:
            self._jobs.resume(video_id)
        elif final:
            self._jobs.submit(video_id)
        return final

    def reject(self, video_id: str, caller: Caller, reason: str) -> None:
        """Refuse a video for good. Raises as `approve`."""
        _require_words(reason)
        with self._database.writing() as session:
            review = _lock_open(session, video_id, caller)
            _decide(review, ReviewState.REJECTED)
            kind = ReviewKind(review.kind)
            videos.move(
                session,
                video_id,
                State.FAILED,
                only_from=_FROM[kind],
                error_code="moderation_rejected",
                error_message=_REJECTED[kind],
            )
            event = events.ReviewRejected()
            caller.log(session, event, subject=video_id, personal={"reason": reason})

    def appeal(self, video_id: str, caller: Caller, reason: str) -> None:
        """Ask for a person's decision on a refused video; once. Raises ConflictError, and
        InvalidRequestError for a blank reason."""
        _require_words(reason)
        with self._database.writing() as session:
            video = videos.lock(session, video_id)
            is_refused = video.state == State.REFUSED and video.deleted_at is None
            if not is_refused or session.get(Review, video_id) is not None:
                raise ConflictError(
                    "Only a video that the classifier refused can be appealed, and only once; what "
                    "a moderator decided is final."
                )
            cases.open_case(session, video, ReviewKind.APPEAL, reason)
            event = events.ReviewAppealed()
            caller.log(session, event, subject=video_id, personal={"reason": reason})


_FROM = {
    ReviewKind.HELD: State.HELD,
    ReviewKind.APPEAL: State.REFUSED,
    ReviewKind.FRAMES: State.WITHHELD,
}
_REJECTED = {
    ReviewKind.HELD: "The request was refused by a moderator.",
    ReviewKind.APPEAL: "The request was refused by a moderator.",
    ReviewKind.FRAMES: "The rendered frames were refused by a moderator and are destroyed.",
}


def _lock_open(session: Session, video_id: str, caller: Caller) -> Review:
    """The open case of the caller's tenant that nobody else has claimed, or can change now."""
    review = _find(session, video_id, caller.tenant)
    videos.lock(session, video_id)
    session.refresh(review)  # another may have changed it before
    if review.state != ReviewState.OPEN:
        raise ConflictError(f"The case is {review.state} already.")
    if review.claimed_by not in (None, caller.actor) and _is_recent(review.claimed_at):
        raise ConflictError("Another moderator has claimed it.")
    return review


def _require_words(reason: str) -> None:
    if not reason.strip():
        raise InvalidRequestError("Say why: the reason is kept for those who ask.", param="reason")


def _find(session: Session, video_id: str, tenant: str | None) -> Review:
    review = cases.find(session, video_id, tenant)
    if review is None:
        raise NotFoundError(
            f"There is no case of a video {video_id}: it was not held, nor refused and appealed."
        )
    return review


def _decide(review: Review, state: ReviewState) -> None:
    review.state, review.decided_at = state, now()


def _is_recent(claimed_at: datetime | None) -> bool:
    return claimed_at is not None and now() - claimed_at < _CLAIM
