"""What a video's production changes in the database, each change with its audit event.

Every method that takes a session runs in the pipeline's transaction: rows, event and checkpoint
commit together or not at all.
"""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from api import events
from api.audit import tree
from api.clock import now
from api.db import cases, fingerprints, reports, videos
from api.db.cases import ReviewKind
from api.db.models import Asset, Video
from api.db.session import Database
from api.events import Event, VideoSealed
from api.settings import Settings
from api.states import State
from api.storage import Storage
from api.workspace import Workspace, sha256_of
from safety.frames import MEASURES

log = structlog.get_logger()

_NOT_LOGGED = ("message", *MEASURES)

_FAILURES = {
    "frames_blocked": "The rendered frames were refused by the safety check and destroyed.",
    "not_authentic": "The finished file did not prove its own origin, so it was destroyed.",
}


# A video that ended is looked at again for this long: a worker that lost its job may still be
# writing a file when the video is cancelled or deleted.
_SWEEP_WINDOW = timedelta(minutes=10)


class Lifecycle:
    """Moves videos from queued to released or failed, and destroys what must not stay."""

    def __init__(
        self, settings: Settings, database: Database, storage: Storage, workspace: Workspace
    ) -> None:
        self._actor = f"worker:{settings.worker_id}"
        self._database = database
        self._storage = storage
        self._workspace = workspace

    def start(self, session: Session, video_id: str) -> str:
        """queued or cleared → in_progress; returns the model."""
        videos.move(session, video_id, State.IN_PROGRESS)
        video = videos.get(session, video_id)
        self._log(session, video, events.VideoStarted())
        return video.model

    def note_render(self, session: Session, video_id: str, rendered: dict[str, Any]) -> None:
        """Log what was rendered and keep the renderer's warnings for the caller."""
        video = videos.get(session, video_id)
        video.warnings = [*video.warnings, *rendered["warnings"]]
        self._log(session, video, events.VideoRendered(parameters=rendered["parameters"]))

    def note_inspection(self, session: Session, video_id: str, inspection: dict[str, Any]) -> None:
        """Log what looking at the frames led to, and put them before a moderator if need be."""
        findings = inspection["findings"]
        event = events.VideoInspected(
            action=inspection["action"],
            sampled=inspection["sampled"],
            faces=inspection["faces"],
            findings=_logged(findings),
        )
        video = videos.get(session, video_id)
        self._log(session, video, event)
        if inspection["action"] == "review":
            videos.move(session, video_id, State.WITHHELD)
            shown = {"findings": findings, "sheet": inspection.get("sheet")}
            video.moderation = {**video.moderation, **shown}
            cases.open_case(session, video, ReviewKind.FRAMES)

    def record(
        self,
        session: Session,
        video_id: str,
        rendered: dict[str, Any],
        encoded: dict[str, str],
        signed: dict[str, Any],
        evidence: dict[str, Any],
    ) -> None:
        """Store the proved file and its row; the sealed event commits with them.

        Raises OSError if the store does not hold what was proved.
        """
        digest = signed["sha256"]
        object_key = f"videos/{video_id}/{digest}.mp4"
        thumbnail_key = f"videos/{video_id}/{digest}.jpg"
        with self._workspace.open(video_id, signed["file"]) as path:
            self._storage.put(object_key, path)
        with self._storage.local_copy(object_key) as path:
            if sha256_of(path) != digest:
                raise OSError(f"{object_key}: the store does not hold the file that was proved")
        with self._workspace.open(video_id, encoded["thumbnail"]) as path:
            self._storage.put(thumbnail_key, path)
        with self._workspace.open(video_id, signed["manifest"]) as path:
            manifest = path.read_bytes()
        with self._workspace.open(video_id, encoded["fingerprint"]) as path:
            fingerprints.add(session, video_id, path.read_bytes())
        facts = {name: signed[name] for name in ("sha256", "size_bytes", "certificate_serial")}
        session.add(
            Asset(
                video_id=video_id,
                object_key=object_key,
                thumbnail_key=thumbnail_key,
                manifest=manifest,
                parameters=rendered["parameters"],
                evidence=evidence,
                created_at=now(),
                **facts,
            )
        )
        video = videos.get(session, video_id)
        sealed = VideoSealed(**facts, manifest_label=video.manifest_label, mark_id=video.mark_id)
        self._log(session, video, sealed)

    def is_logged(self, video_id: str) -> bool:
        """Whether the sealing of a video has its place under a signed head of the log."""
        with self._database.transaction() as session:
            return tree.is_logged(session, VideoSealed.type, video_id)

    def release(self, session: Session, video_id: str) -> None:
        """in_progress → completed: from here on the file can be downloaded."""
        videos.move(session, video_id, State.COMPLETED)
        self._log(session, videos.get(session, video_id), events.VideoReleased())

    def fail(
        self,
        session: Session,
        video_id: str,
        stage: str,
        code: str,
        reason: dict[str, Any],
        error: str | None = None,
    ) -> None:
        """Record why production stopped; a video that was cancelled meanwhile stays cancelled.

        error: what went wrong in words that are not ours, which may quote the prompt.
        """
        message = _FAILURES.get(code, f"The {stage} stage failed; nothing was released. Try again.")
        try:
            videos.move(session, video_id, State.FAILED, error_code=code, error_message=message)
        except videos.IllegalTransitionError:
            return
        cases.withdraw(session, video_id)
        video = videos.get(session, video_id)
        if code == "frames_blocked":
            video.moderation = {**video.moderation, "findings": reason["findings"]}
            reason = {**reason, "findings": _logged(reason["findings"])}
        event = events.VideoFailed(stage=stage, code=code, detail=reason)
        self._log(session, video, event, error=error)
        log.error("video failed", video_id=video_id, stage=stage, code=code, **reason)

    def tidy(self, video_id: str) -> None:
        """Destroy the intermediate pictures, and every finished file but a released one, with what
        it looked like."""
        with self._database.transaction() as session:
            kept = videos.released_objects(session, video_id)
            if not kept:
                fingerprints.erase(session, video_id)
        self._workspace.destroy(video_id)
        for key in self._storage.list(f"videos/{video_id}/"):
            if key not in kept:
                self._storage.delete(key)

    def sweep(self) -> None:
        """Tidy up after videos that ended, or were deleted, since the last sweep was due, and
        delete the reports that have expired."""
        with self._database.transaction() as session:
            reports.purge(session)
        with self._database.transaction() as session:
            ended = videos.ended_since(session, now() - _SWEEP_WINDOW)
            states = videos.states(session, self._workspace.video_ids())
        left = {video_id for video_id, state in states.items() if state.final}
        for video_id in left.union(ended):
            self.tidy(video_id)

    def _log(self, session: Session, video: Video, event: Event, **personal: str | None) -> None:
        events.append(
            session,
            event,
            tenant=video.tenant,
            actor=self._actor,
            subject=video.id,
            personal=personal,
        )


def _logged(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in found.items() if name not in _NOT_LOGGED}
        for found in findings
    ]
