import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.credential_report import summarise
from provenance.credentials import (
    SoftBinding,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["label", "data", "actions", "blocks", "value", "alg", "name", "code", "failure"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "active_manifest": st.just("m") | json_values,
            "validation_state": json_values,
            "validation_results": st.fixed_dictionaries({"activeManifest": json_values}),
            "manifests": st.fixed_dictionaries(
                {
                    "m": st.fixed_dictionaries(
                        {},
                        optional={
                            "assertions": st.lists(
                                st.fixed_dictionaries(
                                    {
                                        "label": st.sampled_from(
                                            [
                                                "c2pa.actions.v2",
                                                "c2pa.soft-binding",
                                                "c2pa.metadata",
                                            ]
                                        ),
                                        "data": json_values,
                                    }
                                )
                                | json_values,
                                max_size=4,
                            ),
                            "signature_info": json_values,
                            "claim_generator_info": json_values,
                            "claim_generator": json_values,
                        },
                    )
                    | json_values
                }
            )
            | json_values,
        },
    )
    | json_values
)
def test_manifest_of_any_shape_is_reported_as_invalid_at_most(store: object) -> None:
    assert summarise(store).state == "invalid"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("AQIDBAUGBwg=", bytes(range(1, 9))),  # base64 text, and what a byte string reads as
        ([1, 2, 3, 4, 5, 6, 7, 8], bytes(range(1, 9))),
        ("plain-text*", b"plain-text*"),
    ],
)
def test_soft_binding_value_is_read_in_every_spelling(value: object, expected: bytes) -> None:
    binding = {"alg": "org.example.mark", "blocks": [{"scope": {}, "value": value}]}
    store = {
        "active_manifest": "m",
        "manifests": {"m": {"assertions": [{"label": "c2pa.soft-binding", "data": binding}]}},
        "validation_state": "Valid",
    }
    assert summarise(store).soft_bindings == (SoftBinding("org.example.mark", expected),)


def test_long_texts_of_strangers_are_cut() -> None:
    store = {
        "active_manifest": "m",
        "manifests": {"m": {"claim_generator": "x" * 10_000, "label": "m"}},
        "validation_state": "Valid",
    }
    generator = summarise(store).claim_generator
    assert generator is not None
    assert len(generator) <= 256
