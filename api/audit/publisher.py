"""Sends new signed heads to witnesses, who cosign them, and to a webhook.

Whoever has a head can tell later that the log was rewritten, so every head that leaves the house
binds its keeper. Heads are sent at least once, the newest one only, and nothing waits for them.
"""

import asyncio
import json
from collections.abc import Callable
from functools import partial

import httpx
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from api.audit import deliveries, tree
from api.audit.exchange import AnswerError, exchange
from api.audit.keeper import Keeper
from api.clock import now
from api.db.models import AuditCheckpoint, AuditCosignature
from api.db.session import Database
from api.settings import LogWebhook, Settings, WitnessAddress
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.cosignature import WitnessKey
from provenance.ledger.errors import LedgerError
from provenance.ledger.fields import decode_number
from provenance.ledger.witness import AddCheckpoint, add_cosignatures

log = structlog.get_logger()

INTERVAL_SECONDS = 10.0
_TIMEOUT_SECONDS = 10.0
_LARGEST_ANSWER = 64 * 1024


class PublishError(RuntimeError):
    """A witness or the webhook did not take a head."""


def keeper(settings: Settings, database: Database) -> Keeper:
    """What publishes in the background of a process that sequences."""
    return Keeper("signet-publisher", INTERVAL_SECONDS, Publisher(settings, database).publish)


class Publisher:
    """Knows who is to be told, and what the webhook was told last."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._witnesses = settings.log_witnesses
        self._webhook = settings.log_webhook
        self._announced = -1

    def publish(self) -> None:
        """Send the newest head to everybody who lacks it; whoever does not answer is asked again
        the next time."""
        for witness in self._witnesses:
            key = WitnessKey.parse(witness.key)
            self._attempt(str(key), str(witness.url), partial(self._submit, witness, key))
        if self._webhook:
            url = str(self._webhook.url)
            self._attempt(deliveries.WEBHOOK, url, partial(self._announce, self._webhook))

    def _attempt(self, receiver: str, url: str, send: Callable[[], int | None]) -> None:
        """`send` returns the size of the head that was taken, None if there was no new one."""
        try:
            size = send()
            if size is not None:
                with self._database.transaction() as session:
                    deliveries.note_taken(session, receiver, size)
        except (
            httpx.HTTPError,
            AnswerError,
            PublishError,
            LedgerError,
            tree.NotLoggedError,
            sa.exc.SQLAlchemyError,
        ) as error:
            log.warning("a head of the log was not taken", url=url, error=str(error))
            # Where the database is away, the keeper tells.
            with self._database.transaction() as session:
                deliveries.note_failed(session, receiver, error)

    def _submit(self, witness: WitnessAddress, key: WitnessKey) -> int | None:
        """C2SP tlog-witness, "add-checkpoint"."""
        with self._database.transaction() as session:
            head = tree.newest_checkpoint(session)
            seen = _cosigned_size(session, key)
        if head is None or seen == head.size:
            return None
        status, answer = self._submit_since(witness, head, seen)
        if status == httpx.codes.CONFLICT:  # it says what it has seen
            seen = decode_number(answer.decode("ascii", "replace").strip(), "what it has seen")
            status, answer = self._submit_since(witness, head, seen)
        if status != httpx.codes.OK:
            raise PublishError(f"status {status}: {answer[:200]!r}")
        note = add_cosignatures(head.note, answer, [key])
        line = note.removeprefix(head.note)
        with self._database.transaction() as session:
            session.merge(AuditCosignature(size=head.size, witness=str(key), line=line))
        return head.size

    def _submit_since(
        self, witness: WitnessAddress, head: AuditCheckpoint, seen: int
    ) -> tuple[int, bytes]:
        """The status and the body of the witness's answer."""
        with self._database.transaction() as session:
            proof = tree.prove_growth(session, seen, head.size)
        body = AddCheckpoint(seen, tuple(proof), head.note).encode()
        url = f"{str(witness.url).rstrip('/')}/add-checkpoint"
        return _post(url, body)

    def _announce(self, webhook: LogWebhook) -> int | None:
        """Standard Webhooks."""
        with self._database.transaction() as session:
            head = tree.newest_checkpoint(session)
        if head is None or head.size == self._announced:
            return None
        at, message = now(), f"checkpoint_{head.size}"
        checkpoint = Checkpoint.parse_signed(head.note)
        body = json.dumps(
            {
                "type": "audit.checkpoint",
                "timestamp": head.created_at.isoformat(),
                "data": {
                    "origin": checkpoint.origin,
                    "size": checkpoint.size,
                    "root": checkpoint.root.hex(),
                    "note": head.note.decode(),
                },
            }
        )
        headers = {
            "content-type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(webhook.secret.get_secret_value()).sign(message, at, body),
        }
        status, _ = _post(str(webhook.url), body.encode(), headers)
        if not httpx.codes.is_success(status):
            raise PublishError(f"status {status}")
        self._announced = head.size
        return head.size


def _post(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """The status and the body of the answer. Raises AnswerError for one that is long or slow."""
    return asyncio.run(_exchange(url, body, headers))


async def _exchange(url: str, body: bytes, headers: dict[str, str] | None) -> tuple[int, bytes]:
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
        request = client.build_request("POST", url, content=body, headers=headers)
        return await exchange(client, request, longest=_LARGEST_ANSWER, seconds=_TIMEOUT_SECONDS)


def _cosigned_size(session: Session, key: WitnessKey) -> int:
    """What this witness cosigned last; 0 if nothing."""
    query = sa.select(sa.func.max(AuditCosignature.size))
    return session.scalar(query.where(AuditCosignature.witness == str(key))) or 0
