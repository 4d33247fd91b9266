"""Probes and metrics."""

from fastapi.testclient import TestClient


def test_probes_need_no_key(client: TestClient) -> None:
    del client.headers["Authorization"]
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_metrics_count_videos_by_state(client: TestClient) -> None:
    client.post("/v1/videos", json={"prompt": "a red ball"})
    assert 'signet_videos{state="queued"} 1.0' in client.get("/metrics").text
