"""From a request to a queued video: moderation, quota, identity; no GPU second is spent yet."""

import contextlib
import hashlib
import json
import secrets
import uuid
from dataclasses import asdict, dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import events
from api.audit import erasure
from api.caller import Caller
from api.clock import now
from api.db import cases, videos
from api.db.cases import ReviewKind
from api.db.models import VISIBLE_LABEL, Video
from api.db.session import Database
from api.engine import Jobs
from api.errors import (
    InvalidRequestError,
    ModerationBlockedError,
    NotFoundError,
    TooManyRequestsError,
)
from api.judge import Judge, Judgement
from api.settings import Settings
from api.statement import statement_of_reasons
from api.states import State
from generator.base import InvalidRequest, RenderRequest
from generator.catalogue import find, plan
from generator.visible_label import Corner
from provenance.credentials import new_manifest_label


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asked for; None means the model's default."""

    prompt: str
    negative_prompt: str | None = None
    model: str | None = None
    seconds: float | None = None
    size: str | None = None
    steps: int | None = None
    guidance_scale: float | None = None
    seed: int | None = None
    visible_label: Corner | None = None

    def digest(self) -> str:
        """Identifies the order, to tell a retry from another request under the same key."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


_STATES = {"allow": State.QUEUED, "review": State.HELD, "block": State.REFUSED}


class Intake:
    """Admits orders."""

    def __init__(self, settings: Settings, database: Database, jobs: Jobs, judge: Judge) -> None:
        self._settings = settings
        self._database = database
        self._jobs = jobs
        self._judge = judge

    def create(self, order: Order, caller: Caller, idempotency_key: str | None = None) -> Video:
        """Moderate an order, write its identity and enqueue it (or hold it for a moderator).

        Raises InvalidRequestError, ModerationBlockedError or TooManyRequestsError; a refused order
        is kept for an appeal. The same idempotency key returns the same video.
        """
        earlier = self._earlier(order, caller, idempotency_key)
        if earlier is not None:
            return earlier
        request = self._plan(order)
        with self._database.transaction() as session:
            if videos.count_active(session, caller.tenant) >= self._settings.max_active_videos:
                raise TooManyRequestsError(
                    f"{self._settings.max_active_videos} videos are unfinished; wait for one.",
                    code="quota_exceeded",
                    headers={"Retry-After": "10"},
                )
        video_id = f"video_{uuid.uuid4().hex}"
        judgement = self._judge.judge(order.prompt, order.negative_prompt, caller)
        decision = judgement.decision
        video = self._identity(video_id, order, request, judgement, caller, idempotency_key)
        video.state = _STATES[decision.action]
        if video.state is State.REFUSED:
            video.error_code = "moderation_blocked"
            video.error_message = "The prompt was refused: " + " ".join(
                reason.message for reason in decision.reasons
            )
        try:
            with self._database.transaction() as session:
                # Together: what was typed must not stay where no video leads to it.
                self._judge.log(session, judgement, caller, subject=video_id, texts=_texts(order))
                _insert(session, video, caller)
        except IntegrityError:  # the same idempotency key, twice at once: the other one won
            earlier = self._earlier(order, caller, idempotency_key)
            if earlier is None:
                raise
            return earlier
        if video.state is State.QUEUED:
            self._jobs.submit(video.id)
        return _unless_refused(video)

    def cancel(self, video_id: str, caller: Caller) -> None:
        """Cancel a video that is not finished; raises IllegalTransitionError if it is."""
        with self._database.writing() as session:
            _cancel(session, video_id, caller)
        self._jobs.cancel(video_id)

    def delete(self, video_id: str, caller: Caller) -> None:
        """Hide the video and erase what its caller typed; an unfinished one is cancelled first.

        The record stays, so that copies which are already out can still be verified. Raises
        NotFoundError if it was deleted meanwhile.
        """
        with self._database.writing() as session:
            video = videos.lock(session, video_id)
            if video.deleted_at is not None:
                raise NotFoundError("There is no such video.")
            with contextlib.suppress(videos.IllegalTransitionError):  # it was finished
                _cancel(session, video_id, caller)
            video.deleted_at = now()
            caller.log(session, events.VideoDeleted(), subject=video_id)
            erasure.erase_typed(session, video)
        self._jobs.cancel(video_id)

    def _earlier(self, order: Order, caller: Caller, key: str | None) -> Video | None:
        if key is None:
            return None
        with self._database.transaction() as session:
            video = videos.find_by_idempotency_key(session, caller.tenant, key)
        if video is not None and (
            video.request_sha256 != order.digest() or video.deleted_at is not None
        ):
            raise InvalidRequestError(
                "This Idempotency-Key was used for another request or a deleted video; "
                "use a fresh one.",
                param="Idempotency-Key",
                code="idempotency_key_reused",
            )
        return None if video is None else _unless_refused(video)

    def _plan(self, order: Order) -> RenderRequest:
        try:
            return plan(
                self._offered(order.model or self._settings.model),
                prompt=order.prompt,
                negative_prompt=order.negative_prompt,
                seconds=order.seconds,
                size=order.size,
                steps=order.steps,
                guidance_scale=order.guidance_scale,
                seed=order.seed,
            )
        except InvalidRequest as error:
            raise InvalidRequestError(str(error), param=error.param) from error

    def _offered(self, model: str) -> str:
        """The canonical id; only offered models are looked up, never a stranger's path."""
        for offered in self._settings.models:
            names = (offered, *find(offered).aliases)
            if model.lower() in (name.lower() for name in names):
                return offered
        offers = ", ".join(self._settings.models)
        raise InvalidRequestError(
            f"This service offers {offers}; its operator can offer others (SIGNET_MODELS).",
            param="model",
        )

    def _visible_label(self, order: Order) -> dict[str, str] | None:
        """A caller may move the operator's label or ask for one, never leave it out."""
        corner = order.visible_label or self._settings.visible_label
        if corner is None:
            return None
        return {"corner": corner, "text": self._settings.visible_label_text}

    def _identity(
        self,
        video_id: str,
        order: Order,
        request: RenderRequest,
        judgement: Judgement,
        caller: Caller,
        idempotency_key: str | None,
    ) -> Video:
        decision = judgement.decision
        fields = ("width", "height", "num_frames", "fps", "steps", "guidance_scale", "seed")
        return Video(
            id=video_id,
            tenant=caller.tenant,
            mark_id=f"{secrets.randbits(64):016x}",
            manifest_label=new_manifest_label(),
            model=request.model,
            prompt=order.prompt,
            negative_prompt=order.negative_prompt,
            request={
                **{field: getattr(request, field) for field in fields},
                VISIBLE_LABEL: self._visible_label(order),
            },
            moderation={
                "action": decision.action,
                "categories": decision.categories,
                "policy_version": decision.policy_version,
                "classifier_version": decision.classifier_version,
                "reasons": [
                    {"category": reason.category, "message": reason.message}
                    for reason in decision.reasons
                ],
                "guards": [asdict(answer) for answer in decision.guards],
                "unreleased_likeness": decision.unreleased_likeness,
                "consents": judgement.consents,
                "consents_to_check": judgement.consents_to_check,
            },
            warnings=[],
            idempotency_key=idempotency_key,
            request_sha256=order.digest(),
            created_at=now(),
        )


def _cancel(session: Session, video_id: str, caller: Caller) -> None:
    videos.move(session, video_id, State.CANCELLED)
    cases.withdraw(session, video_id)
    caller.log(session, events.VideoCancelled(), subject=video_id)


def _unless_refused(video: Video) -> Video:
    if video.state != State.REFUSED:
        return video
    raise ModerationBlockedError(
        video.error_message or "",
        param="prompt",
        extra={
            "categories": video.moderation["categories"],
            "policy_version": video.moderation["policy_version"],
            "subject": video.id,
            "statement_of_reasons": asdict(statement_of_reasons(video, appealed=False)),
        },
    )


def _texts(order: Order) -> dict[str, str | None]:
    return {"prompt": order.prompt, "negative_prompt": order.negative_prompt}


def _insert(session: Session, video: Video, caller: Caller) -> None:
    kinds = {State.HELD: events.VideoHeld, State.REFUSED: events.VideoRefused}
    kind = kinds.get(State(video.state), events.VideoCreated)
    session.add(video)
    session.flush()
    if video.state is State.HELD:
        cases.open_case(session, video, ReviewKind.HELD)
    ordered = {name: value for name, value in video.request.items() if name != VISIBLE_LABEL}
    event = kind(model=video.model, mark_id=video.mark_id, **ordered)
    caller.log(session, event, subject=video.id)
