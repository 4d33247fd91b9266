"""The OpenAPI document is true: whatever it allows, the service answers without a 5xx."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable

import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.auth import Scope
from api.service import Service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

DECODED = {"POST /matches/byContent": 5}
"""Fewer examples of what starts two processes for each, on the way that `/v1/verify` goes too."""


def _fuzz(
    operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode, headers: dict[str, str]
) -> Counter[int]:
    """The statuses that generated requests were answered with."""
    statuses = Counter[int]()

    examples = DECODED.get(operation.label, 30)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def fuzz(case: schemathesis.Case) -> None:
        statuses[case.call_and_validate(headers=headers, checks=CHECKS).status_code] += 1

    with contextlib.suppress(Unsatisfiable):  # some operations cannot be called wrongly
        fuzz()
    return statuses


def test_no_documented_request_breaks_the_service(
    service: Service, make_key: Callable[..., dict[str, str]]
) -> None:
    app = create_app(service)
    headers = make_key(*Scope)
    with TestClient(app):  # keeps the application started
        document = schemathesis.openapi.from_asgi("/openapi.json", app)
        operations = [result.ok() for result in document.get_all_operations()]
        answers = {
            (operation.label, mode): _fuzz(operation, mode, headers)
            for operation, mode in itertools.product(operations, schemathesis.GenerationMode)
        }
    for mode, status in (("positive", 200), ("negative", 422)):
        assert answers["POST /v1/videos", schemathesis.GenerationMode(mode)][status]
        assert answers["POST /v1/moderations", schemathesis.GenerationMode(mode)][status]
    assert answers["POST /matches/byBinding", schemathesis.GenerationMode("negative")][400]
