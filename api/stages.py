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
from api.db.models import VISIBLE_LABEL, Video
from api.db.registry import SingleRecord, public_name, record_of
from api.db.session import Database
from api.keyring import Keyring
from api.metrics import STAGE_SECONDS
from api.policies import Policies
from api.settings import Settings
from api.workspace import Frames, Workspace, sha256_of
from generator.base import Renderer, RenderRequest
from generator.catalogue import find
from generator.encode import encode
from generator.visible_label import burn_in
from provenance import credentials
from provenance.fingerprint import Fingerprint, fingerprint
from provenance.labels import AIGC_KEY, aigc_label
from provenance.media import Limits, decode
from provenance.verify import judge
from provenance.watermark import ALGORITHM, embed, stock_software_reads
from safety import Decision
from safety.frames import Finding, FrameReport, contact_sheet, inspect

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
        self._keyring = keyring  # asked only by stages after the render

    def render(self, video_id: str, on_step: Callable[[int, int], None]) -> dict[str, Any]:
        """Render; returns the frames' name, the parameters that shaped them, and warnings.

        Raises ValueError if the prompt was erased, GeneratorError if the render failed, and
        whatever ``on_step`` raises.
        """
        video = self._video(video_id)
        if video.prompt is None:
            raise ValueError(f"video {video_id} has no prompt left to render")
        fields = {name: value for name, value in video.request.items() if name != VISIBLE_LABEL}
        request = RenderRequest(
            prompt=video.prompt,
            negative_prompt=video.negative_prompt,
            model=video.model,
            **fields,
        )
        with _device, self._timed(video_id, "render"):
            renderer = _renderer(video.model, self._settings.device, self._settings.memory)
            clip = renderer.render(request, on_step)
        return {
            "frames": self._workspace.save_frames(video_id, clip.frames),
            "parameters": dict(clip.parameters) | {VISIBLE_LABEL: _label(video)},
            "warnings": list(clip.warnings),
        }

    def inspect(self, video_id: str, rendered: str) -> dict[str, Any]:
        """Look at the rendered frames; ``action`` is allow, review or block.

        For a review, ``sheet`` has the name of a contact sheet, and the frames that are on it.
        """
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
            found = _inspection(replace(report, findings=(*report.findings, *ended)))
            if found["action"] == "review":
                found["sheet"] = self._sheet(video, frames, report)
            return found

    def inspect_again(self, video_id: str) -> dict[str, Any]:
        """What may have changed while the frames waited for a moderator; shaped as `inspect`."""
        ended = self._ended_consent(self._video(video_id))
        return _inspection(FrameReport(sampled=0, faces=0, findings=tuple(ended)))

    def watermark(self, video_id: str, rendered: str) -> str:
        """Burn the visible label in, if there is one, and mark every frame over it with the
        video's id; returns the marked frames' name."""
        video = self._video(video_id)
        label = _label(video)
        with (
            self._timed(video_id, "watermark"),
            self._workspace.frames(video_id, rendered) as frames,
        ):
            if label is not None:
                font = self._settings.visible_label_font
                frames = burn_in(frames, label["text"], label["corner"], font)
            marked = embed(frames, int(video.mark_id, 16), self._keyring().watermark_keys[0])
            return self._workspace.save_frames(video_id, marked)

    def encode(self, video_id: str, marked: str) -> dict[str, str]:
        """Encode the marked frames; the middle one becomes the thumbnail. Returns the names of
        both, and of the frames' fingerprint."""
        with (
            self._timed(video_id, "encode"),
            self._workspace.frames(video_id, marked) as frames,
            self._workspace.scratch() as folder,
        ):
            # Before it is signed: what the manifest binds cannot be added later.
            labels = {AIGC_KEY: aigc_label(self._provider(), video_id)}
            fps = self._video(video_id).request["fps"]
            encode(frames, fps, folder / "encoded.mp4", metadata=labels)
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
            claim = _claim(video, parameters, self._provider())
            signed = credentials.sign(source, folder / "signed.mp4", claim, self._keyring().signer)
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
        with self._workspace.open(video_id, signed["manifest"]) as path:
            manifest = path.read_bytes()
        record = record_of(self._video(video_id), signed["certificate_serial"], manifest)
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
                labelled = any(label.fields.get("ProduceID") == video_id for label in clip.labels)
        return {
            "proved": unchanged and labelled and report.verdict == "authentic",
            "unchanged": unchanged,
            "verdict": report.verdict,
            "mark": None if report.mark is None else asdict(report.mark),
            "open_mark_read_by_stock_software": stock,
            "credential_state": credential.state,
            "aigc_label_read": labelled,
        }

    def _sheet(self, video: Video, frames: Frames, report: FrameReport) -> dict[str, Any]:
        sheet = contact_sheet(frames, video.request["fps"], report.findings)
        with self._workspace.scratch() as folder:
            (folder / "sheet.jpg").write_bytes(sheet.jpeg)
            name = self._workspace.save(video.id, folder / "sheet.jpg")
        return {"name": name, "frames": sheet.frames}

    def _provider(self) -> str:
        return self._settings.provider or self._keyring().signer.organisation

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


def _label(video: Video) -> dict[str, Any] | None:
    """Text and corner of the visible label that was ordered."""
    label: dict[str, Any] | None = video.request.get(VISIBLE_LABEL)
    return label


def _claim(video: Video, parameters: dict[str, Any], provider: str) -> credentials.Claim:
    request, label = video.request, _label(video)
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
        provider=provider,
        upscaled_from=None if rendered_size == delivered_size else rendered_size,
        visible_label=None if label is None else label["text"],
    )
