"""What moderators do: the queue of held and appealed videos, claims, looks at frames, decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy.orm import Session

from api import events, review_log
from api.caller import Caller
from api.clock import now
from api.db import cases, consents, videos
from api.db.cases import ReviewKind, ReviewState
from api.db.models import Consent, Review, Video
from api.db.session import Database
from api.engine import Jobs
from api.errors import ConflictError, GoneError, InvalidRequestError, NotFoundError
from api.review_log import ReviewAct
from api.settings import Settings
from api.states import State
from api.workspace import Workspace
from safety.frames import blurred

_CLAIM = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Case:
    """A case, its video, what moderators have decided about that so far, and consents for named
    uses of people whom its prompt names."""

    review: Review
    video: Video
    decisions: list[ReviewAct]
    consents: list[Consent]

    @property
    def claimed_until(self) -> datetime | None:
        """None unless a moderator keeps it from others now."""
        return _claimed_until(self.review)


class Reviews:
    """The queue."""

    def __init__(
        self, settings: Settings, database: Database, jobs: Jobs, workspace: Workspace
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._workspace = workspace
        self._approvals_needed = 2 if settings.review_four_eyes else 1

    def page(
        self,
        tenant: str | None,
        *,
        state: ReviewState = ReviewState.OPEN,
        after: str | None = None,
        limit: int = 50,
    ) -> tuple[list[Case], bool]:
        """Cases in one state, and whether more follow; of all tenants if `tenant` is None. The
        oldest open ones come first, and of others what was decided last.

        Raises NotFoundError for an unknown `after`, the video of the last case before.
        """
        with self._database.transaction() as session:
            last = None if after is None else cases.find(session, after, tenant)
            if after is not None and last is None:
                raise NotFoundError("There is no such case to start after.", param="after")
            rows, more = cases.page(session, tenant, state=state, after=last, limit=limit)
            return _cases(session, rows), more

    def get(self, video_id: str, tenant: str | None) -> Case:
        """A tenant's case, or anybody's if that is None. Raises NotFoundError."""
        with self._database.transaction() as session:
            review = _find(session, video_id, tenant)
            (case,) = _cases(session, [(review, videos.get(session, video_id))])
            return case

    def tenant_of(self, video_id: str) -> str:
        """Whose case it is. Raises NotFoundError."""
        with self._database.transaction() as session:
            return _find(session, video_id, None).tenant

    def sheet(self, video_id: str, caller: Caller) -> bytes:
        """A contact sheet of the rendered frames that wait, as JPEG; that it was shown is logged.

        Raises NotFoundError for a case that is not about frames, and GoneError once it is decided.
        """
        jpeg, frames = self._read_sheet(video_id, caller)
        with self._database.writing() as session:
            videos.lock(session, video_id)
            _require_frames(_find(session, video_id, caller.tenant))  # another may have decided
            caller.log(session, events.ReviewFramesShown(frames=frames), subject=video_id)
        return jpeg

    def blurred_sheet(self, video_id: str, caller: Caller) -> bytes:
        """The contact sheet with too few pixels to see what it shows. Raises as `sheet`."""
        jpeg, _ = self._read_sheet(video_id, caller)
        return blurred(jpeg)

    def bars(self, open_cases: Sequence[Case], caller: Caller) -> dict[str, str]:
        """Why this moderator may not approve some of them, by the ids of their videos."""
        with self._database.transaction() as session:
            found = {
                case.review.video_id: self._bar(session, case.review, caller) for case in open_cases
            }
        return {video_id: why for video_id, why in found.items() if why is not None}

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

    def release(self, video_id: str, caller: Caller) -> None:
        """Give a claimed case back. Raises NotFoundError, and ConflictError unless the caller has
        claimed it."""
        with self._database.writing() as session:
            review = _lock_open(session, video_id, caller)
            if review.claimed_by != caller.actor:
                raise ConflictError("You have not claimed it.")
            review.claimed_by = review.claimed_at = None
            caller.log(session, events.ReviewClaimReleased(), subject=video_id)

    def approve(self, video_id: str, caller: Caller, reason: str) -> bool:
        """Let a video go on; returns False where another moderator has to approve as well.

        Raises NotFoundError, and ConflictError for a case that is decided, somebody else's, or
        approved by the same moderator before, or ordered by them where two must approve, and
        InvalidRequestError for a blank reason.
        """
        _require_words(reason)
        with self._database.writing() as session:
            review = _lock_open(session, video_id, caller)
            barred = self._bar(session, review, caller)
            if barred is not None:
                raise ConflictError(barred)
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

    def _bar(self, session: Session, review: Review, caller: Caller) -> str | None:
        if review.approved_by == caller.actor:
            return "You have approved it; now another moderator must."
        if self._approvals_needed > 1 and review_log.has_ordered(
            session, review.video_id, caller.actor
        ):
            return "You have asked for it; two other moderators must approve it."
        return None

    def _read_sheet(self, video_id: str, caller: Caller) -> tuple[bytes, list[int]]:
        with self._database.transaction() as session:
            _require_frames(_find(session, video_id, caller.tenant))
            sheet = videos.get(session, video_id).moderation.get("sheet")
        if sheet is None:
            raise NotFoundError("These frames were rendered by a version without contact sheets.")
        try:
            with self._workspace.open(video_id, sheet["name"]) as path:
                return path.read_bytes(), sheet["frames"]
        except FileNotFoundError as error:
            raise GoneError(_DESTROYED) from error


_FROM = {
    ReviewKind.HELD: State.HELD,
    ReviewKind.APPEAL: State.REFUSED,
    ReviewKind.FRAMES: State.WITHHELD,
}
_DESTROYED = "The case is closed: its frames cannot be looked at any more."
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
    until = _claimed_until(review)
    if review.claimed_by != caller.actor and until is not None:
        raise ConflictError(
            f"Another moderator has claimed it until {until:%Y-%m-%d %H:%M:%S} UTC."
        )
    return review


def _require_frames(review: Review) -> None:
    if review.kind != ReviewKind.FRAMES:
        raise NotFoundError("The case is about a prompt: nothing was rendered yet.")
    if review.state != ReviewState.OPEN:
        raise GoneError(_DESTROYED)


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


def _cases(session: Session, rows: Sequence[tuple[Review, Video]]) -> list[Case]:
    """With what else is known about them."""
    decided = review_log.decisions(session, [video.id for _, video in rows])
    named = {video.id: video.moderation.get("consents_to_check", []) for _, video in rows}
    known = consents.of_ids(session, list(chain.from_iterable(named.values())))
    return [
        Case(
            review,
            video,
            decided.get(video.id, []),
            [known[each] for each in named[video.id] if each in known],
        )
        for review, video in rows
    ]


def _decide(review: Review, state: ReviewState) -> None:
    review.state, review.decided_at = state, now()


def _claimed_until(review: Review) -> datetime | None:
    if review.state != ReviewState.OPEN or review.claimed_at is None:
        return None
    end = review.claimed_at + _CLAIM
    return end if end > now() else None
