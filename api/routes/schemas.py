"""The wire format of videos: the de-facto video API's shape, plus what is ours."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.db.models import VISIBLE_LABEL, Video
from api.engine import Progress
from api.intake import Order
from api.states import State
from api.texts import PlainText
from generator.visible_label import Corner

Status = Literal["queued", "in_progress", "completed", "failed", "cancelled"]

_STATUS: dict[State, Status] = {
    State.HELD: "queued",  # nothing a client can do but wait
    State.REFUSED: "failed",
    State.QUEUED: "queued",
    State.IN_PROGRESS: "in_progress",
    State.WITHHELD: "in_progress",
    State.CLEARED: "in_progress",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}

_RENDER_SHARE = 0.9  # of the progress bar; the stages after it are short


class CreateVideo(BaseModel):
    """A request for a video. Everything but the prompt has the model's default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "prompt": "a red circle moves left to right over a blue background",
                    "model": "demo",
                    "seconds": "6",
                    "size": "720x480",
                    "seed": 7,
                }
            ]
        },
    )

    prompt: Annotated[PlainText, Field(description="What the video shows; moderated in full.")]
    negative_prompt: Annotated[PlainText | None, Field(description="What it must not show.")] = None
    model: Annotated[str | None, Field(description="See `signet models list`.")] = None
    seconds: Annotated[
        float | None,
        Field(description="Duration in whole seconds that the model makes.", examples=["6"], gt=0),
    ] = None
    size: Annotated[
        str | None, Field(description="Width x height in pixels.", examples=["720x480"])
    ] = None
    steps: Annotated[int | None, Field(description="Denoising steps.")] = None
    guidance_scale: Annotated[float | None, Field(description="How closely to follow.")] = None
    seed: Annotated[int | None, Field(description="Same seed, same frames.")] = None
    visible_label: Annotated[
        Corner | None,
        Field(description="Where to burn a visible label in; the operator may want one anyway."),
    ] = None

    def order(self) -> Order:
        """The order as the intake understands it."""
        return Order(**self.model_dump())


class VideoError(BaseModel):
    """Why a video failed."""

    code: str
    message: str


class VideoObject(BaseModel):
    """A video and how far it is."""

    id: str = Field(examples=["video_0f8fad5bd9cb469fa16570867728950e"])
    object: Literal["video"] = "video"
    model: str
    status: Status
    held_for_review: bool = Field(
        description="A moderator must approve the prompt, or the rendered frames, first."
    )
    stage: str | None = Field(description="The production stage while in progress.")
    progress: int = Field(ge=0, le=100, description="Percent.")
    created_at: int = Field(description="Unix seconds.")
    completed_at: int | None
    expires_at: int | None = None
    remixed_from_video_id: str | None = None
    prompt: str | None
    negative_prompt: str | None
    seconds: str = Field(examples=["6"])
    size: str = Field(examples=["720x480"])
    num_frames: int
    fps: float
    steps: int
    guidance_scale: float
    seed: int
    visible_label: Corner | None = Field(description="Where a visible label is burnt in.")
    warnings: list[str] = Field(description="For the caller; complete once rendered.")
    error: VideoError | None

    @classmethod
    def of(cls, video: Video, progress: Progress | None = None) -> "VideoObject":
        """The public view of a row."""
        request = video.request
        state = State(video.state)
        return cls(
            id=video.id,
            model=video.model,
            status=_STATUS[state],
            held_for_review=state in (State.HELD, State.WITHHELD),
            stage=progress.stage if progress and state is State.IN_PROGRESS else None,
            progress=_percent(state, progress),
            created_at=int(video.created_at.timestamp()),
            completed_at=(
                int(video.finished_at.timestamp())
                if video.finished_at and state is State.COMPLETED
                else None
            ),
            prompt=video.prompt,
            negative_prompt=video.negative_prompt,
            seconds=f"{(request['num_frames'] - 1) / request['fps']:g}",
            size=f"{request['width']}x{request['height']}",
            num_frames=request["num_frames"],
            fps=request["fps"],
            steps=request["steps"],
            guidance_scale=request["guidance_scale"],
            seed=request["seed"],
            visible_label=(request.get(VISIBLE_LABEL) or {}).get("corner"),
            warnings=video.warnings,
            error=(
                VideoError(code=video.error_code, message=video.error_message or "")
                if video.error_code
                else None
            ),
        )


class VideoList(BaseModel):
    """One page of videos."""

    object: Literal["list"] = "list"
    data: list[VideoObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedVideo(BaseModel):
    """A deleted video."""

    id: str
    object: Literal["video.deleted"] = "video.deleted"
    deleted: Literal[True] = True


class VideoEvent(BaseModel):
    """One server-sent event: where the video is now."""

    status: Status
    stage: str | None
    queue_position: int | None = Field(description="Videos of this model ahead of it.")
    step: int = Field(description="Denoising step of `total`; 0 before rendering.")
    total: int
    error: VideoError | None


def _percent(state: State, progress: Progress | None) -> int:
    if state is State.COMPLETED:
        return 100
    if progress is None or not progress.total:
        return 0
    done = progress.step / progress.total
    rendering = progress.stage == "render"
    return min(99, round(100 * (_RENDER_SHARE * done if rendering else _RENDER_SHARE)))
