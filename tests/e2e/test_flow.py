"""From a prompt to a verified file, through the clients that people use."""

import io
import json
from typing import Any

import av
import httpx
import openai
import pytest

PROMPT = "a red circle moves left to right over a blue background"
BLOCKED = "a fabricated news report in which the president of France declares war"


@pytest.fixture(scope="module")
def client(server: Any) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0)


@pytest.fixture(scope="module")
def video(client: openai.OpenAI) -> Any:
    """One full-length video, created and awaited through the `openai` package."""
    return client.videos.create_and_poll(prompt=PROMPT, model="demo", poll_interval_ms=500)


@pytest.fixture(scope="module")
def content(client: openai.OpenAI, video: Any) -> bytes:
    return client.videos.download_content(video.id).read()


def _verify(server: Any, data: bytes) -> dict[str, Any]:
    answer = httpx.post(f"{server.url}/v1/verify", files={"file": data}, timeout=120)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _reencode(data: bytes, crf: int) -> bytes:
    """The same pictures as a fresh H.264 file: no manifest, no metadata."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=source.streams.video[0].average_rate)
        stream.width, stream.height = 720, 480
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf)}
        for frame in source.decode(video=0):
            frame.pts = None
            target.mux(
                stream.encode(
                    av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"), format="rgb24")
                )
            )
        target.mux(stream.encode())
    return out.getvalue()


# The package marks every call of its video API as deprecated; the shape lives on elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_the_file_plays_as_promised(video: Any, content: bytes) -> None:
    assert video.status == "completed"
    assert video.progress == 100
    with av.open(io.BytesIO(content)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (720, 480)
        assert stream.average_rate == 8
        assert sum(1 for _ in file.decode(video=0)) == 49
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_file_is_authentic(server: Any, video: Any, content: bytes) -> None:
    report = _verify(server, content)
    assert report["verdict"] == "authentic"
    assert report["video_id"] == video.id
    assert report["credential"]["state"] == "trusted"
    assert report["credential"]["failure"] == []


@pytest.mark.parametrize("crf", [18, 23, 28])
def test_a_stripped_reencode_is_altered(server: Any, video: Any, content: bytes, crf: int) -> None:
    report = _verify(server, _reencode(content, crf))
    assert report["verdict"] == "altered"
    assert report["video_id"] == video.id
    assert report["credential"]["state"] == "absent"


def test_no_report_tells_who_or_what_was_asked(server: Any, content: bytes) -> None:
    text = json.dumps(_verify(server, content))
    assert PROMPT not in text
    assert "tenant" not in text


def test_ranges_and_thumbnail(server: Any, video: Any, content: bytes) -> None:
    url = f"{server.url}/v1/videos/{video.id}/content"
    part = httpx.get(url, headers={**server.headers, "Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == content[100:200]
    thumbnail = httpx.get(url, headers=server.headers, params={"variant": "thumbnail"})
    assert thumbnail.headers["content-type"] == "image/jpeg"
    with av.open(io.BytesIO(thumbnail.content)) as picture:
        assert next(picture.decode(video=0)).width == 720


def test_the_log_tells_the_whole_story(server: Any, video: Any) -> None:
    listed = server.signet("audit", "list", "--subject", video.id, "--json")
    types = [event["type"] for event in reversed(json.loads(listed.stdout))]
    story = ["created", "started", "rendered", "inspected", "sealed", "released"]
    assert types[:7] == ["prompt.moderated", *(f"video.{word}" for word in story)]


def test_a_blocked_prompt_raises(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create(prompt=BLOCKED)
    assert caught.value.code == "moderation_blocked"


def test_moderation_through_the_client(client: openai.OpenAI) -> None:
    answer = client.moderations.create(input=[PROMPT, BLOCKED])
    assert [result.flagged for result in answer.results] == [False, True]


def test_events_lead_to_completion_and_delete_removes(server: Any, client: openai.OpenAI) -> None:
    made = client.videos.create(prompt=PROMPT, seconds="1", extra_body={"steps": "2"})  # type: ignore[call-overload]
    url = f"{server.url}/v1/videos/{made.id}/events"
    stages = set()
    with httpx.stream("GET", url, headers=server.headers, timeout=120) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                event = json.loads(line.removeprefix("data:"))
                stages.add(event["stage"])
    assert event["status"] == "completed"
    assert "render" in stages
    assert made.id in [listed.id for listed in client.videos.list()]
    assert client.videos.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(made.id)


def test_a_cancelled_render_makes_room_for_the_next(server: Any, client: openai.OpenAI) -> None:
    long = client.videos.create(prompt=PROMPT, extra_body={"steps": "200"})
    while (seen := client.videos.retrieve(long.id)).progress == 0:
        assert seen.status in ("queued", "in_progress")
    cancelled = httpx.post(f"{server.url}/v1/videos/{long.id}/cancel", headers=server.headers)
    assert cancelled.json()["status"] == "cancelled"

    order = {"seconds": "1", "extra_body": {"steps": "2", "seed": "5"}}
    after = client.videos.create_and_poll(prompt=PROMPT, poll_interval_ms=200, **order)  # type: ignore[arg-type]
    assert after.status == "completed"
    assert client.videos.retrieve(long.id).status == "cancelled"
    # The one render slot was free long before 200 steps could have run.
    stopped = json.loads(server.signet("audit", "list", "--subject", long.id, "--json").stdout)
    assert "video.rendered" not in [event["type"] for event in stopped]
