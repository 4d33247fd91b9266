"""Manifests found again through the C2PA Soft Binding Resolution API."""

import base64
from collections.abc import Callable
from pathlib import Path

import c2pa
import pytest
from fastapi.testclient import TestClient

from api.auth import Scope
from api.caller import Caller
from api.service import Service
from generator.encode import encode
from provenance.media import Limits, decode
from provenance.watermark import ALGORITHM
from tests.api.released import Released, release, stripped


@pytest.fixture
def released(service: Service, tmp_path: Path) -> Released:
    return release(service, tmp_path)


def by_content(client: TestClient, content: bytes, kind: str = "video/mp4") -> tuple[int, dict]:
    answer = client.post("/matches/byContent", content=content, headers={"Content-Type": kind})
    return answer.status_code, answer.json()


def test_a_stripped_video_leads_back_to_its_manifest(
    client: TestClient, released: Released, tmp_path: Path
) -> None:
    """Through the pictures and through the mark alone, without a key, as C2PA clients ask."""
    del client.headers["Authorization"]
    found = {"matches": [{"manifestId": released.manifest_label}]}
    copy = stripped(released, tmp_path).read_bytes()
    status, answer = by_content(client, copy)
    assert (status, answer["matches"][0]["manifestId"]) == (200, released.manifest_label)

    value = base64.b64encode(released.mark_id.to_bytes(8, "big")).decode()
    query = {"alg": ALGORITHM, "value": value}
    assert client.get("/matches/byBinding", params=query).json() == found
    assert client.post("/matches/byBinding", json=query).json() == found

    answer = client.get(f"/manifests/{released.manifest_label}")
    assert answer.headers["content-type"] == "application/c2pa"
    assert answer.content == released.manifest
    context = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False}})
    with (
        released.path.open("rb") as file,
        c2pa.Reader("video/mp4", file, manifest_data=answer.content, context=context) as reader,
    ):
        assert released.manifest_label in reader.json()

    shown = client.post("/v1/verify", files={"file": copy}).json()
    assert (shown["verdict"], shown["recovered_manifest"]) == ("altered", released.manifest_label)
    intact = client.post("/v1/verify", files={"file": released.path.read_bytes()}).json()
    assert (intact["verdict"], intact["recovered_manifest"]) == ("authentic", None)


def test_pictures_that_lost_their_mark_lead_back_by_their_looks(
    client: TestClient, service: Service, tmp_path: Path, natural_clip: Path
) -> None:
    with decode(natural_clip, Limits()) as clip:
        pictures = clip.frames[::6, 100:356, 200:520].copy()
    video = release(service, tmp_path, pictures)
    encode(pictures, 8, tmp_path / "unmarked.mp4")
    status, answer = by_content(client, (tmp_path / "unmarked.mp4").read_bytes())
    assert status == 200
    assert [match["manifestId"] for match in answer["matches"]] == [video.manifest_label]
    assert 50 < answer["matches"][0]["similarityScore"] <= 100


def test_a_deleted_video_keeps_its_manifest(
    client: TestClient, service: Service, released: Released
) -> None:
    service.intake.delete(released.video_id, Caller("default", "test"))
    assert client.get(f"/manifests/{released.manifest_label}").status_code == 200


def test_supported_algorithms_name_our_mark(client: TestClient) -> None:
    answer = client.get("/services/supportedAlgorithms").json()
    assert answer == {"watermarks": [{"alg": ALGORITHM}], "fingerprints": []}


def test_what_nobody_marked_has_no_manifest(client: TestClient, small_video: Path) -> None:
    assert by_content(client, small_video.read_bytes()) == (200, {"matches": []})
    value = base64.b64encode(bytes(8)).decode()
    query = {"alg": ALGORITHM, "value": value, "maxResults": 1}
    assert client.get("/matches/byBinding", params=query).json() == {"matches": []}
    missing = "urn:c2pa:00000000-0000-4000-8000-000000000000"
    assert client.get(f"/manifests/{missing}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"alg": "com.example.other.1", "value": "AAAAAAAAAAA="},
        {"alg": ALGORITHM, "value": "not base64!"},
        {"alg": ALGORITHM, "value": "AAAA"},
        {"alg": ALGORITHM, "value": "A" * 1000},
        {"alg": ALGORITHM},
        {"alg": ALGORITHM, "value": "AAAAAAAAAAA=", "maxResults": 0},
    ],
)
def test_a_query_that_does_not_fit_is_a_400(client: TestClient, query: dict[str, object]) -> None:
    answer = client.get("/matches/byBinding", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("malformed_request", "unsupported_algorithm")


def test_only_known_kinds_of_assets_are_looked_into(client: TestClient) -> None:
    assert by_content(client, b"%PDF-1.7", "application/pdf")[0] == 415
    assert by_content(client, b"not a video at all")[0] == 415
    answer = client.post("/matches/byContent?alg=com.example.1", content=b"x")
    assert answer.status_code == 400
    assert client.get("/manifests/..%2Fetc").status_code in (400, 404)
    assert client.get("/manifests/urn:c2pa:1").status_code == 400


def test_nothing_is_fetched_for_a_stranger(client: TestClient) -> None:
    query = {"referenceUrl": "https://127.0.0.1:9/a.mp4", "assetLength": 1}
    assert client.post("/matches/byReference", json=query).status_code == 404


def test_a_key_that_is_sent_must_be_good(
    client: TestClient, make_key: Callable[..., dict[str, str]]
) -> None:
    client.headers["Authorization"] = "Bearer sgn_0_wrong"
    assert client.get("/services/supportedAlgorithms").status_code == 401
    client.headers.update(make_key(Scope.AUDIT))
    assert client.get("/services/supportedAlgorithms").status_code == 403
