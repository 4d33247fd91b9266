"""Writes events and sequences them until it is killed.

    python killable_log.py DATABASE_URL NAME

Two threads write, each event in a transaction of its own, and print a line once it is committed;
another sequences without a pause.
"""

import sys
import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import events
from api.audit.sequencer import sequence
from api.db.session import Database
from provenance.ledger.note import NoteSigner

SIGNER = NoteSigner("signet.test/log", Ed25519PrivateKey.from_private_bytes(b"1" * 32))


def write(database: Database, writer: str) -> None:
    """Number events without end."""
    number = 0
    while True:
        with database.transaction() as session:
            failed = events.VideoFailed(stage="render", code=str(number), detail={})
            events.append(session, failed, tenant="t", actor=writer, subject=writer)
        sys.stdout.write(f"{writer} {number}\n")
        sys.stdout.flush()
        number += 1


def main() -> None:
    """Until it is killed."""
    url, name = sys.argv[1:]
    database = Database(url)
    for each in "ab":
        threading.Thread(target=write, args=(database, f"{name}{each}"), daemon=True).start()
    while True:
        sequence(database, SIGNER)


if __name__ == "__main__":
    main()
