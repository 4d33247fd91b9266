"""Which personal parts may be missing: what a logged erasure or deletion takes, and no more."""

import pytest

from api import events
from api.audit.sequencer import sequence_all
from api.db.session import Database
from tests.api.audit.test_log import SIGNER, inspect

MODERATED = events.PromptModerated(
    action="allow",
    flagged=[],
    rules=[],
    consents=[],
    guards=[],
    policy_version="1",
    classifier_version="1",
)
FAILED = events.VideoFailed(stage="render", code="render_failed", detail={})
APPEALED, CANCELLED = events.ReviewAppealed(), events.VideoCancelled()
DELETED, ERASED = events.VideoDeleted(), events.SubjectErased(entries=1)


class DeletedBefore(events.VideoDeleted):
    """As it was when nothing of the log was erased with it."""

    version = 1


@pytest.mark.parametrize(
    ("about", "says", "of", "may_be_missing"),
    [
        (MODERATED, DELETED, "video_1", True),
        (FAILED, DELETED, "video_1", True),
        (APPEALED, DELETED, "video_1", True),
        (CANCELLED, DELETED, "video_1", False),
        (MODERATED, DELETED, "video_2", False),
        (MODERATED, DeletedBefore(), "video_1", False),
        (MODERATED, CANCELLED, "video_1", False),
        (MODERATED, ERASED, "video_1", True),
        (CANCELLED, ERASED, "video_1", True),
        (DELETED, ERASED, "video_1", True),
        (ERASED, ERASED, "video_1", False),
        (MODERATED, ERASED, "video_2", False),
    ],
)
def test_only_a_later_event_that_says_so_explains_it(
    database: Database, about: events.Event, says: events.Event, of: str, may_be_missing: bool
) -> None:
    log(database, says, of)
    log(database, about, "video_1")
    log(database, says, of)
    log(database, about, "video_1")
    sequence_all(database, SIGNER)
    assert inspect(database).intact
    strip(database, 2)
    named = [] if may_be_missing else [1]
    assert [each.entry for each in inspect(database).findings] == named
    strip(database, 4)  # after which nothing says so
    assert [each.entry for each in inspect(database).findings] == [*named, 3]


def test_an_erasure_that_only_waits_explains_nothing(database: Database) -> None:
    log(database, FAILED, "video_1")
    sequence_all(database, SIGNER)
    strip(database, 1)
    log(database, ERASED, "video_1")
    (found,) = inspect(database).findings
    assert found.entry == 0
    sequence_all(database, SIGNER)
    assert inspect(database).intact


def log(database: Database, event: events.Event, subject: str) -> None:
    with database.transaction() as session:
        events.append(session, event, tenant="t", actor="key:1", subject=subject)


def strip(database: Database, event_id: int) -> None:
    with database.engine.begin() as connection:
        for table in ("audit_label", "audit_personal"):
            condition = " AND label LIKE 'actor:%%'" if table == "audit_label" else ""
            connection.exec_driver_sql(
                f"DELETE FROM {table} WHERE event_id = {event_id}{condition}"
            )
