"""Every kind of event is documented, and large integers survive canonical JSON."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from api import events
from api.audit.describe import describe
from api.audit.entry import entry_of, says
from api.db.models import AuditEvent, AuditPersonal
from api.db.session import Database
from provenance.ledger.errors import FormatError

DOCUMENT = Path(__file__).parents[3] / "docs" / "events.md"


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == describe()


def test_types_are_unique() -> None:
    types = [kind.type for kind in events.all_types()]
    assert len(types) == len(set(types)) > 15


def test_a_seed_of_63_bits_is_logged_exactly(database: Database) -> None:
    seed = 2**63 - 1
    ordered = events.VideoCreated(
        model="demo",
        mark_id="00",
        width=720,
        height=480,
        num_frames=49,
        fps=8,
        steps=10,
        guidance_scale=6,
        seed=seed,
    )
    with database.transaction() as session:
        events.append(session, ordered, tenant="t", actor="a", subject="video_1")
    with database.transaction() as session:
        event = session.scalars(sa.select(AuditEvent)).one()
        assert event.data["seed"] == str(seed)
        assert str(seed).encode() in entry_of(event)


def test_what_could_never_be_logged_is_refused(database: Database) -> None:
    failed = events.VideoFailed(stage="render", code="x", detail={"text": "x" * 65_400})
    with pytest.raises(FormatError), database.transaction() as session:
        events.append(session, failed, tenant="t", actor="a", subject="video_1")
    with database.transaction() as session:
        assert session.scalars(sa.select(AuditEvent)).all() == []


def test_texts_that_no_database_stores_are_escaped(database: Database) -> None:
    with database.transaction() as session:
        events.append(
            session,
            events.VideoDeleted(),
            tenant="t",
            actor="a",
            personal={"prompt": "half \ud800, nul \0"},
        )
    with database.transaction() as session:
        personal = session.scalars(sa.select(AuditPersonal)).one()
        assert personal.content["prompt"] == "half \\ud800, nul \\0"


_NUMBERS = st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.text(max_size=5), _NUMBERS, max_size=4), st.data())
def test_a_row_says_what_was_logged_and_nothing_near_it(
    data: dict[str, Any], draw: st.DataObject
) -> None:
    def row(content: dict[str, Any]) -> AuditEvent:
        return AuditEvent(
            id=1,
            occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
            type="x",
            version=1,
            tenant="t",
            data=content,
            commitment=b"",
        )

    entry = entry_of(row(data))
    assert says(entry, row(data))
    changed = draw.draw(st.dictionaries(st.text(max_size=5), _NUMBERS, max_size=4))
    assert says(entry, row(changed)) == (entry_of(row(changed)) == entry)
    for name, value in data.items():
        if isinstance(value, bool):
            assert not says(entry, row(data | {name: int(value)}))
