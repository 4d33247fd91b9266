"""A log to be tampered with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.audit import check, erasure
from api.audit.sequencer import sequence_all
from api.db import schema
from api.db.models import AuditCheckpoint, AuditCosignature
from api.db.session import Database
from provenance.ledger.checkpoint import Checkpoint
from provenance.ledger.cosignature import WitnessKey, cosign
from tests.api.audit.tampering import SIZE, drop_triggers
from tests.api.audit.test_log import SIGNER, add, inspect

WITNESS = Ed25519PrivateKey.from_private_bytes(b"3" * 32)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with four heads, one of them cosigned, and tiles on two levels."""
    path = tmp_path_factory.mktemp("template") / "log.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    for subject, count in (("video_1", 10), ("video_2", 10), ("video_3", 300)):
        add(database, count, subject=subject)
        sequence_all(database, SIGNER)
    with database.transaction() as session:
        erasure.erase(session, "video_1", actor="cli")
        text = Checkpoint.parse_signed(session.get(AuditCheckpoint, 20).note).text
        line = f"{cosign(text, 'witness.test', WITNESS, 1)}\n".encode()
        key = WitnessKey("witness.test", WITNESS.public_key().public_bytes_raw())
        session.add(AuditCosignature(size=20, witness=str(key), line=line))
    sequence_all(database, SIGNER)
    assert inspect(database) == check.LogReport(SIZE, 0, 4, ())
    drop_triggers(database)
    database.close()
    return path


@pytest.fixture
def victim(template: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    shutil.copy(template, tmp_path / "log.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield database
    database.close()
