"""`/v1/moderations`: the de-facto shape and ours."""

from fastapi.testclient import TestClient

HARMLESS = "a cat plays the piano"
HARMFUL = "a fabricated news report in which the president of France declares war"


def test_one_result_per_input(client: TestClient) -> None:
    answer = client.post("/v1/moderations", json={"input": [HARMLESS, HARMFUL]}).json()
    harmless, harmful = answer["results"]
    assert not harmless["flagged"]
    assert harmless["decision"] == "allow"
    assert harmful["flagged"]
    assert harmful["decision"] == "block"
    assert harmful["reasons"]
    assert set(harmless["categories"]) == set(harmless["category_scores"])
    assert "sexual/minors" in harmless["categories"]


def test_bad_input_is_named(client: TestClient) -> None:
    for body in ({}, {"input": []}, {"input": 3}, {"input": "x", "colour": "red"}):
        assert client.post("/v1/moderations", json=body).status_code == 422
