"""Judges prompts for a tenant: safety's decision, with the tenant's consents, and its place in the
log."""

import json
from dataclasses import asdict, dataclass
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Session

import safety
from api import events
from api.caller import Caller
from api.db import consents
from api.db.consents import ConsentScope
from api.db.models import AuditEvent, Consent
from api.db.session import Database
from api.errors import InvalidRequestError
from api.metrics import MODERATIONS
from api.policies import Policies
from api.settings import Settings
from safety.guards import Guards
from safety.released import named_in

_MOST_CONSENTS = 256
"""That one decision can rest on; an entry of the log has 65,535 bytes at most."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision, and the ids of the consents that had a part in it.

    `consents` released a likeness. `consents_to_check` are for named uses, of people whom a prompt
    names that waits for a moderator: whether it is such a use is for the moderator to say.
    """

    decision: safety.Decision
    consents: list[str]
    consents_to_check: list[str]


class Judge:
    """Moderates, and logs every decision."""

    def __init__(self, settings: Settings, database: Database, guards: Guards) -> None:
        self._database = database
        self._guards = guards
        self._policies = Policies(settings.policy_dir)
        self._judged_by: dict[str, events.PolicyChanged] = {}

    def moderate(self, text: str, caller: Caller, *, subject: str) -> Judgement:
        """Decide on a text of the caller's, and log the decision under `subject`, but not the
        text."""
        judgement = self.judge(text, None, caller)
        with self._database.transaction() as session:
            self.log(session, judgement, caller, subject=subject, texts=None)
        return judgement

    def judge(self, prompt: str, negative_prompt: str | None, caller: Caller) -> Judgement:
        """Decide on a prompt of the caller's; whoever asks has to log it. Raises
        InvalidRequestError for more consents than an entry of the log can name."""
        with self._database.transaction() as session:
            found = consents.valid(session, caller.tenant)
        releasing = [each for each in found if each.scope == ConsentScope.ANY_DEPICTION]
        decision = safety.moderate(
            prompt,
            negative_prompt,
            released=_names(releasing),
            guards=self._guards,
            policy_path=self._policies.path_for(caller.tenant),
        )
        to_check: list[str] = []
        if decision.action == "review":
            bound = [each for each in found if each.scope == ConsentScope.NAMED_USES]
            to_check = _of(bound, named_in(f"{prompt}\n{negative_prompt or ''}", _names(bound)))
        rests_on = _of(releasing, set(decision.released))
        if len(rests_on) > _MOST_CONSENTS:
            raise InvalidRequestError(f"A prompt may rest on {_MOST_CONSENTS} consents at most.")
        return Judgement(decision, rests_on, to_check)

    def log(
        self,
        session: Session,
        judgement: Judgement,
        caller: Caller,
        *,
        subject: str,
        texts: dict[str, str | None] | None,
    ) -> None:
        """Log a judgement in the caller's transaction, with the texts that it is about, if they are
        to be kept."""
        decision = judgement.decision
        MODERATIONS.labels(decision.action).inc()
        judged_by = events.PolicyChanged(
            policy_version=decision.policy_version, classifier_version=decision.classifier_version
        )
        if judged_by != self._judged_by.get(caller.tenant):
            _log_change(session, judged_by, caller.tenant)
        caller.log(
            session,
            events.PromptModerated(
                action=decision.action,
                flagged=_flagged(decision),
                rules=[reason.rule for reason in decision.reasons],
                consents=judgement.consents,
                guards=[
                    events.GuardAsked(
                        model=answer.model, revision=answer.revision, failure=answer.failure
                    )
                    for answer in decision.guards
                ],
                policy_version=decision.policy_version,
                classifier_version=decision.classifier_version,
            ),
            subject=subject,
            personal={**(texts or {}), "scores": _scores(decision)},
        )

        def remember(_session: Session) -> None:
            self._judged_by[caller.tenant] = judged_by

        sa.event.listen(session, "after_commit", remember, once=True)


def _flagged(decision: safety.Decision) -> list[str]:
    """Every category that had a part in it, once."""
    named = ((each.category, *each.together_with) for each in decision.reasons)
    return list(dict.fromkeys(chain.from_iterable(named)))


def _scores(decision: safety.Decision) -> str:
    guards = [asdict(answer) for answer in decision.guards]
    return json.dumps({"categories": decision.categories, "guards": guards})


def _names(found: list[Consent]) -> list[str]:
    return [name for consent in found for name in consents.names_of(consent)]


def _of(found: list[Consent], names: set[str]) -> list[str]:
    """The ids of those who have one of the names."""
    return [each.id for each in found if not names.isdisjoint(consents.names_of(each))]


def _log_change(session: Session, judged_by: events.PolicyChanged, tenant: str) -> None:
    """Log that the tenant's prompts are judged in another way now, unless the log says so
    already."""
    logged = session.scalar(
        sa.select(AuditEvent.data)
        .where(AuditEvent.type == judged_by.type, AuditEvent.tenant == tenant)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    if logged != judged_by.model_dump():
        events.append(session, judged_by, tenant=tenant, actor="service")
