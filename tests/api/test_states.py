"""The transition table and its enforcement in the database."""

import itertools
from datetime import UTC, datetime

import pytest

from api.db import videos
from api.db.models import Video
from api.db.session import Database
from api.states import TRANSITIONS, State


def _insert(database: Database, state: State, number: int = 0) -> str:
    video_id = f"video_{number}"
    with database.transaction() as session:
        session.add(
            Video(
                id=video_id,
                tenant="default",
                state=state,
                mark_id=f"{number:016x}",
                manifest_label=f"urn:c2pa:{number}",
                model="demo",
                prompt="a red ball",
                request={},
                moderation={},
                warnings=[],
                request_sha256="",
                created_at=datetime.now(UTC),
            )
        )
    return video_id


def test_every_allowed_move_works_and_every_other_is_refused(database: Database) -> None:
    for number, (source, target) in enumerate(itertools.product(State, State)):
        video_id = _insert(database, source, number)
        if target in TRANSITIONS[source]:
            with database.transaction() as session:
                videos.move(session, video_id, target)
                session.expire_all()
                assert videos.get(session, video_id).state == target
        else:
            with (
                pytest.raises(videos.IllegalTransitionError),
                database.transaction() as session,
            ):
                videos.move(session, video_id, target)


def test_final_states_are_stamped_with_their_time(database: Database) -> None:
    video_id = _insert(database, State.QUEUED)
    with database.transaction() as session:
        videos.move(session, video_id, State.IN_PROGRESS)
        videos.move(session, video_id, State.COMPLETED)
        session.expire_all()
        video = videos.get(session, video_id)
        assert video.started_at is not None
        assert video.finished_at is not None
        assert video.started_at.tzinfo is UTC
        assert video.started_at <= video.finished_at


def test_a_failed_video_cannot_be_revived(database: Database) -> None:
    assert all(not TRANSITIONS[state] for state in State if state.final)
    assert {State.COMPLETED, State.FAILED, State.CANCELLED} == {s for s in State if s.final}
