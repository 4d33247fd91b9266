"""``/v1/moderations``: ask what the service would say to a prompt."""

import uuid
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Scope
from api.caller import Caller
from api.judge import Judgement
from api.routes.dependencies import ServiceDependency, require
from safety.taxonomy import openai_categories

router = APIRouter(prefix="/v1/moderations", tags=["moderations"])

_FLAGGED_FROM = 0.5


class CreateModeration(BaseModel):
    """One text, or several."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"input": "a red ball rolls to the right"}]}
    )

    input: str | Annotated[list[str], Field(min_length=1, max_length=64)]
    model: str | None = Field(default=None, description="Accepted for compatibility; one exists.")


class ModerationResult(BaseModel):
    """The de-facto fields, and the decision that `/v1/videos` would act on."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]
    decision: str = Field(description="allow, review or block")
    signet_categories: dict[str, float] = Field(description="Scores in Signet's own taxonomy.")
    reasons: list[dict[str, Any]]
    consents: list[str] = Field(description="Ids of those that released a likeness.")
    obfuscations: list[dict[str, Any]] = Field(
        description="How the text was disguised, where, and the share that stayed unreadable."
    )
    guards: list[dict[str, Any]] = Field(
        description="What each guard model of the operator said, or why it gave no answer."
    )
    policy_version: str
    classifier_version: str


class Moderation(BaseModel):
    """One result per input."""

    id: str
    model: str
    results: list[ModerationResult]


@router.post("")
def create_moderation(
    body: CreateModeration,
    service: ServiceDependency,
    caller: Annotated[Caller, Depends(require(Scope.MODERATE))],
) -> Moderation:
    """Classify texts without creating anything; each decision is logged, the text is not."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    moderation_id = f"modr_{uuid.uuid4().hex}"
    judgements = [service.judge.moderate(text, caller, subject=moderation_id) for text in texts]
    return Moderation(
        id=moderation_id,
        model=judgements[0].decision.classifier_version,
        results=[_result(judgement) for judgement in judgements],
    )


def _result(judgement: Judgement) -> ModerationResult:
    decision = judgement.decision
    scores = openai_categories(decision.categories)
    return ModerationResult(
        flagged=decision.action != "allow",
        categories={name: score >= _FLAGGED_FROM for name, score in scores.items()},
        category_scores=scores,
        category_applied_input_types={name: ["text"] for name in scores},
        decision=decision.action,
        signet_categories=decision.categories,
        reasons=[
            {
                "category": reason.category,
                "action": reason.action,
                "score": reason.score,
                "threshold": reason.threshold,
                "rule": reason.rule,
                "message": reason.message,
            }
            for reason in decision.reasons
        ],
        consents=judgement.consents,
        obfuscations=[
            {"kind": found.kind, "start": found.start, "end": found.end, "score": found.score}
            for found in decision.obfuscations
        ],
        guards=[asdict(answer) for answer in decision.guards],
        policy_version=decision.policy_version,
        classifier_version=decision.classifier_version,
    )
