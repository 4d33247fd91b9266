"""The stages of a video's production, each a plain function from stored inputs to stored outputs.

:mod:`api.pipeline` puts them in order and makes them durable. A stage may run twice (a process
may die after its work and before its checkpoint), so each run keeps its outputs under names of its
own and only the checkpointed ones are read again.
Intermediate pictures live in the workspace and are destroyed at the end, whatever the outcome.
"""

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import cv2
import structlog

from api import __version__
from api.db import consents, videos
from api.db.models import Video
from api.db.registry import SingleRecord, public_name, record_of
from api.db.session import Database
from api.keyring import Keyring
from api.metrics import STAGE_SECONDS
from api.policies import Policies
from api.settings import Settings
from api.workspace import Workspace, sha256_of
from generator.base import Renderer, RenderRequest
from generator.catalogue import find
from generator.encode import encode
from provenance import credentials
from provenance.fingerprint import Fingerprint, fingerprint
from provenance.media import Limits, decode
from provenance.verify import judge
from provenance.watermark import ALGORITHM, embed, stock_software_reads
from safety import Decision
from safety.frames import Finding, FrameReport, inspect

log = structlog.get_logger()

# A finished file is ours and bounded already; these limits only stop a runaway decoder.
_PROOF_LIMITS = Limits(
    max_bytes=2**31,
    max_seconds=60.0,
    max_pixels=1_000_000_000,
    max_wall_seconds=300.0,
    max_memory_bytes=4 * 2**30,
)

_device = threading.Lock()  # one render at a time: the models of this worker share its device


@lru_cache(maxsize=1)
def _renderer(model: str, device: str, memory: str) -> Renderer:
    # What is loaded stays, so a third of the time would go into looking through it for garbage.
    gc.disable()
    try:
        from generator.cogvideox import load  # torch loads only where pictures are made

        return load(model, device=device, memory=memory)
    finally:
        gc.enable()


class Stages:
    """The work of every stage on one video."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        workspace: Workspace,
        keyring: Callable[[], Keyring],
    ) -> None:
        self._settings = settings
        self._database = database
        self._workspace = workspace
        self._policies = Policies(settings.policy_dir)
        self._keyring = keyring  # asked only by stages that sign or mark

    def render(self, video_id: str, on_step: Callable[[int, int], None]) -> dict[str, Any]:
        """Render; returns the frames' name, the parameters that shaped them, and warnings.

        Raises ValueError if the prompt was erased, GeneratorError if the render failed, and
        whatever ``on_step`` raises.
        """
        video = self._video(video_id)
        if video.prompt is None:
            raise ValueError(f"video {video_id} has no prompt left to render")
        request = RenderRequest(
            prompt=video.prompt,
            negative_prompt=video.negative_prompt,
            model=video.model,
            **video.request,
        )
        with _device, self._timed(video_id, "render"):
            renderer = _renderer(video.model, self._settings.device, self._settings.memory)
            clip = renderer.render(request, on_step)
        return {
            "frames": self._workspace.save_frames(video_id, clip.frames),
            "parameters": dict(clip.parameters),
            "warnings": list(clip.warnings),
        }

    def inspect(self, video_id: str, rendered: str) -> dict[str, Any]:
        """Look at the rendered frames; ``action`` is allow, review or block."""
        with (
            self._timed(video_id, "inspect"),
            self._workspace.frames(video_id, rendered) as frames,
        ):
            video = self._video(video_id)
            report = inspect(
                frames,
                video.request["fps"],
                _asked(video.moderation),
                policy_path=self._policies.path_for(video.tenant),
                blocklist_path=self._settings.frame_blocklist,
                classifier_path=self._settings.frame_classifier,
            )
            ended = self._ended_consent(video)
            return _inspection(replace(report, findings=(*report.findings, *ended)))

    def inspect_again(self, video_id: str) -> dict[str, Any]:
        """What may have changed while the frames waited for a moderator; shaped as `inspect`."""
        ended = self._ended_consent(self._video(video_id))
        return _inspection(FrameReport(sampled=0, faces=0, findings=tuple(ended)))

    def watermark(self, video_id: str, rendered: str) -> str:
        """Mark every frame with the video's id; returns the marked frames' name."""
        with (
            self._timed(video_id, "watermark"),
            self._workspace.frames(video_id, rendered) as frames,
        ):
            mark_id = int(self._video(video_id).mark_id, 16)
            marked = embed(frames, mark_id, self._keyring().watermark_keys[0])
            return self._workspace.save_frames(video_id, marked)

    def encode(self, video_id: str, marked: str) -> dict[str, str]:
        """Encode the marked frames; the middle one becomes the thumbnail. Returns the names of
        both, and of the frames' fingerprint."""
        with (
            self._timed(video_id, "encode"),
            self._workspace.frames(video_id, marked) as frames,
            self._workspace.scratch() as folder,
        ):
            encode(frames, self._video(video_id).request["fps"], folder / "encoded.mp4")
            middle = cv2.cvtColor(frames[len(frames) // 2], cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(folder / "thumbnail.jpg"), middle)
            (folder / "fingerprint").write_bytes(fingerprint(frames).to_bytes())
            return {
                "file": self._workspace.save(video_id, folder / "encoded.mp4"),
                "thumbnail": self._workspace.save(video_id, folder / "thumbnail.jpg"),
                "fingerprint": self._workspace.save(video_id, folder / "fingerprint"),
            }

    def sign(self, video_id: str, encoded: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Attach the signed manifest; returns the names and facts of the signed file."""
        video = self._video(video_id)
        with (
            self._timed(video_id, "sign"),
            self._workspace.open(video_id, encoded) as source,
            self._workspace.scratch() as folder,
        ):
            signed = credentials.sign(
                source, folder / "signed.mp4", _claim(video, parameters), self._keyring().signer
            )
            (folder / "manifest.c2pa").write_bytes(signed.manifest)
            return {
                "file": self._workspace.save(video_id, signed.path),
                "manifest": self._workspace.save(video_id, folder / "manifest.c2pa"),
                "sha256": signed.sha256,
                "size_bytes": signed.path.stat().st_size,
                "certificate_serial": signed.certificate_serial,
            }

    def prove(
        self, video_id: str, signed: dict[str, Any], encoded: dict[str, str]
    ) -> dict[str, Any]:
        """Re-open the finished file as a stranger would; returns the verdict and its evidence."""
        record = record_of(self._video(video_id), signed["certificate_serial"])
        with self._workspace.open(video_id, encoded["fingerprint"]) as path:
            looks = Fingerprint.from_bytes(path.read_bytes())
        with (
            self._timed(video_id, "prove"),
            self._workspace.open(video_id, signed["file"]) as path,
        ):
            unchanged = sha256_of(path) == signed["sha256"]
            credential = credentials.read(path, self._keyring().trust)
            with decode(path, _PROOF_LIMITS) as clip:
                keys = self._keyring().watermark_keys
                report = judge(clip, credential, SingleRecord(record, looks), keys=keys)
                stock = stock_software_reads(clip.frames[clip.num_frames // 2])
        return {
            "proved": unchanged and report.verdict == "authentic",
            "unchanged": unchanged,
            "verdict": report.verdict,
            "mark": None if report.mark is None else asdict(report.mark),
            "open_mark_read_by_stock_software": stock,
            "credential_state": credential.state,
        }

    def _ended_consent(self, video: Video) -> list[Finding]:
        """A refusal if a consent that the video rests on ended while it waited."""
        with self._database.transaction() as session:
            if consents.all_valid(session, video.moderation.get("consents", [])):
                return []
        message = "A consent that the video rests on was revoked or has expired."
        return [Finding("consent", "block", message)]

    def _video(self, video_id: str) -> Video:
        with self._database.transaction() as session:
            return videos.get(session, video_id)

    @contextmanager
    def _timed(self, video_id: str, stage: str) -> Iterator[None]:
        with STAGE_SECONDS.labels(stage).time():
            yield
        log.info("stage done", video_id=video_id, stage=stage)


def _inspection(report: FrameReport) -> dict[str, Any]:
    findings = [
        {name: value for name, value in asdict(found).items() if value is not None}
        for found in report.findings
    ]
    return asdict(report) | {"action": report.action, "findings": findings}


def _asked(moderation: dict[str, Any]) -> Decision | None:
    """The decision to hold the frames against; None where a moderator has seen the likeness."""
    if moderation["action"] != "allow":  # only a moderator can have let it get this far
        return None
    likeness = moderation["categories"].get("likeness", 1.0)
    return Decision(
        action="allow",
        categories=moderation["categories"],
        reasons=[],
        policy_version=moderation["policy_version"],
        classifier_version=moderation["classifier_version"],
        spans=[],
        released=[],
        obfuscations=[],
        guards=[],
        # A video may have been queued before there were consents.
        unreleased_likeness=moderation.get("unreleased_likeness", likeness),
    )


def _claim(video: Video, parameters: dict[str, Any]) -> credentials.Claim:
    request = video.request
    rendered_size = tuple(parameters["render_size"])
    delivered_size = (request["width"], request["height"])
    return credentials.Claim(
        manifest_label=video.manifest_label,
        title=f"{video.id}.mp4",
        created_at=video.created_at,
        model_name=find(video.model).title.replace(video.model, public_name(video.model)),
        model_identifier=public_name(video.model),
        model_version=parameters["revision"] or parameters["weights_sha256"],
        watermark_algorithm=ALGORITHM,
        watermark_value=int(video.mark_id, 16).to_bytes(8, "big"),
        duration_ms=round(1000 * request["num_frames"] / request["fps"]),
        generator_version=__version__,
        upscaled_from=None if rendered_size == delivered_size else rendered_size,
    )
