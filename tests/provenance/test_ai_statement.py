"""What a manifest says about AI: made by it, partly made by it, or made from something of it."""

from typing import Any

import pytest

from provenance.ai_statement import AiStatement, ai_statement, ai_use

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI, COMPOSITE = IPTC + "trainedAlgorithmicMedia", IPTC + "compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize(
    ("source_type", "use"),
    [
        (AI, "generated"),
        (AI.replace("http:", "https:"), "generated"),
        ("trainedAlgorithmicMedia", "generated"),
        ("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData", "generated"),
        (COMPOSITE, "partly"),
        (IPTC + "compositeSynthetic", "partly"),
        (IPTC + "algorithmicMedia", None),
        (IPTC + "digitalCapture", None),
        (IPTC + "humanEdits", None),
        ("http://example.org/trainedAlgorithmicMedia", None),
        (AI.upper(), None),
        (None, None),
    ],
)
def test_source_types_that_are_ais(source_type: str | None, use: str | None) -> None:
    assert ai_use(source_type) == use


def acted(*actions: tuple[str, str | None], label: str = "c2pa.actions.v2") -> dict[str, Any]:
    listed = [
        {"action": name} | ({"digitalSourceType": source} if source else {})
        for name, source in actions
    ]
    return {"label": label, "data": {"actions": listed}}


def manifest(*assertions: object, **ingredients: str) -> dict[str, object]:
    """A manifest; `ingredients` maps relationships to the labels of manifests."""
    return {
        "assertions": list(assertions),
        "ingredients": [
            {"relationship": relationship, "active_manifest": label}
            for relationship, label in ingredients.items()
        ],
    }


def store(active: object, **others: object) -> dict[str, object]:
    return {"active_manifest": "active", "manifests": {"active": active} | others}


MADE = manifest(acted(("c2pa.created", AI)))
DISCLOSED = {"label": "c2pa.ai-disclosure", "data": {"modelName": "M"}}
GUIDED = {
    "label": "c2pa.ai-disclosure",
    "data": {"modelName": "M", "contentProfile": {"humanOversightLevel": "prompt_guided"}},
}
IPTC_METADATA = {"label": "stds.iptc", "data": {"Iptc4xmpExt:DigitalSourceType": AI}}


@pytest.mark.parametrize(
    ("found", "use", "said_in"),
    [
        (store(MADE), "generated", "c2pa.created"),
        (store(manifest(acted(("c2pa.created", AI), label="c2pa.actions"))), "generated", None),
        (store(manifest(acted(("c2pa.created", COMPOSITE)))), "partly", "c2pa.created"),
        # A photograph in which AI filled something in
        (
            store(manifest(acted(("c2pa.created", IPTC + "digitalCapture"), ("c2pa.edited", AI)))),
            "partly",
            "c2pa.edited",
        ),
        (store(manifest(acted(("c2pa.created", IPTC + "algorithmicMedia")))), None, None),
        (store(manifest(DISCLOSED)), "partly", "c2pa.ai-disclosure"),
        (store(manifest(GUIDED)), "generated", "c2pa.ai-disclosure"),
        (store(manifest(IPTC_METADATA)), "generated", "c2pa.metadata"),
        # AI's picture in a person's work
        (
            store(
                manifest(acted(("c2pa.created", None), ("c2pa.placed", None)), componentOf="m"),
                m=MADE,
            ),
            "ingredient",
            "ingredient",
        ),
        # AI's picture, edited by a person
        (
            store(
                manifest(acted(("c2pa.opened", None), ("c2pa.edited", None)), parentOf="m"),
                m=MADE,
            ),
            "ingredient",
            "ingredient",
        ),
        # AI's picture in another format, as some generators deliver theirs
        (
            store(
                manifest(acted(("c2pa.opened", None), ("c2pa.converted", None)), parentOf="m"),
                m=MADE,
            ),
            "generated",
            "ingredient",
        ),
        (store(manifest(parentOf="m"), m=MADE), "ingredient", "ingredient"),
        (store(manifest(componentOf="m"), m=manifest(componentOf="n"), n=MADE), "ingredient", None),
        # Manifests that name each other
        (store(manifest(parentOf="m"), m=manifest(parentOf="active")), None, None),
    ],
)
def test_strongest_statement_counts(found: object, use: str | None, said_in: str | None) -> None:
    statement = ai_statement(found)
    assert (statement.use if statement else None) == use
    if said_in is not None:
        assert statement is not None
        assert statement.said_in == said_in


def test_copy_of_something_whose_manifest_does_not_hold_is_no_more_than_made_from_it() -> None:
    copied = store(manifest(acted(("c2pa.opened", None)), parentOf="m"), m=MADE)
    failure = {"code": "claimSignature.mismatch"}
    for code, use in (("signingCredential.untrusted", "generated"), (None, "ingredient")):
        deltas = [{"validationDeltas": {"failure": [{"code": code} if code else failure]}}]
        statement = ai_statement(copied | {"validation_results": {"ingredientDeltas": deltas}})
        assert statement is not None
        assert statement.use == use


def test_many_manifests_that_name_each_other_take_no_time() -> None:
    names = [f"m{number}" for number in range(60)]
    ingredients = [{"relationship": "parentOf", "active_manifest": name} for name in names]
    crowd = {name: {"assertions": [], "ingredients": ingredients} for name in names}
    assert ai_statement({"active_manifest": "m0", "manifests": crowd}) is None


def test_software_of_an_action_is_named_in_either_spelling() -> None:
    for agent, tool in (
        ({"name": "Sora"}, "Sora"),
        ({"name": "M", "version": "2b"}, "M 2b"),
        ("Bing Image Creator", "Bing Image Creator"),
    ):
        made = acted(("c2pa.created", AI))
        made["data"]["actions"][0]["softwareAgent"] = agent
        assert ai_statement(store(manifest(made))) == AiStatement("generated", "c2pa.created", tool)
