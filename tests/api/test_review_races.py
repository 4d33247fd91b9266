"""Moderators and callers who decide at the same moment: one of them wins, the other is told so."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from api.caller import Caller
from api.db import videos
from api.db.cases import ReviewState
from api.db.models import Review, Video
from api.db.videos import IllegalTransitionError
from api.errors import ConflictError, NotFoundError
from api.intake import Order
from api.reviews import Reviews
from api.service import Service, migrate, open_service
from api.settings import Settings
from api.workspace import Workspace
from tests.api.test_videos import BLOCKED_PROMPT, HELD_PROMPT

ROUNDS = 8
USER, ONE, TWO = (Caller("default", name) for name in ("user", "one", "two"))


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """The service on each database, without a worker."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings = Settings(
        data_dir=tmp_path, database_url=url, worker_id="test", max_active_videos=2 * ROUNDS
    )
    migrate(settings)
    with open_service(settings) as service:
        yield service


def race(*acts: Callable[[], object]) -> list[object]:
    """Does all at once; what each returned, or the error that is answered with 404 or 409."""
    gate = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        gate.wait()
        try:
            return act()
        except (ConflictError, IllegalTransitionError, NotFoundError) as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def won(outcomes: list[object]) -> int:
    return sum(not isinstance(outcome, Exception) for outcome in outcomes)


def hold(service: Service) -> str:
    return service.intake.create(Order(HELD_PROMPT), USER).id


def rows(service: Service, video_id: str) -> tuple[Video, Review]:
    with service.database.transaction() as session:
        return videos.get(session, video_id), session.get_one(Review, video_id)


@pytest.mark.parametrize("ending", ["cancel", "delete"])
def test_what_its_caller_ends_is_not_made_whoever_approves_it(
    service: Service, ending: str
) -> None:
    end = getattr(service.intake, ending)
    for _ in range(ROUNDS):
        video_id = hold(service)
        ended, approved = race(
            partial(end, video_id, USER),
            partial(service.reviews.approve, video_id, ONE, "fine"),
        )
        assert ended is None
        video, case = rows(service, video_id)
        assert video.state == "cancelled"
        assert case.state == ("approved" if approved is True else "withdrawn")
        assert approved is True or isinstance(approved, ConflictError)


def test_an_appeal_against_a_deletion_leaves_no_open_case(service: Service) -> None:
    for number in range(ROUNDS):
        with pytest.raises(Exception, match="refused") as refused:
            service.intake.create(Order(BLOCKED_PROMPT, seed=number), USER)
        video_id = refused.value.extra["subject"]
        race(
            partial(service.intake.delete, video_id, USER),
            partial(service.reviews.appeal, video_id, USER, "please"),
        )
        assert service.reviews.page(None) == ([], False)


def test_a_video_is_deleted_once(service: Service) -> None:
    for _ in range(ROUNDS):
        video_id = hold(service)
        delete = partial(service.intake.delete, video_id, USER)
        assert won(race(delete, delete)) == 1


def test_one_moderator_gets_the_case(service: Service) -> None:
    for _ in range(ROUNDS):
        video_id = hold(service)
        claims = race(
            partial(service.reviews.claim, video_id, ONE),
            partial(service.reviews.claim, video_id, TWO),
        )
        assert won(claims) == 1


def test_nobody_decides_what_another_has_claimed(service: Service) -> None:
    for _ in range(ROUNDS):
        video_id = hold(service)
        outcomes = race(
            partial(service.reviews.claim, video_id, ONE),
            partial(service.reviews.approve, video_id, TWO, "fine"),
        )
        assert won(outcomes) == 1


def test_no_approval_of_four_eyes_is_lost(service: Service) -> None:
    settings = service.settings.model_copy(update={"review_four_eyes": True})
    workspace = Workspace(service.storage, settings.data_dir)
    reviews = Reviews(settings, service.database, service.jobs, workspace)
    for _ in range(ROUNDS):
        video_id = hold(service)
        outcomes = race(
            partial(reviews.approve, video_id, ONE, "fine"),
            partial(reviews.approve, video_id, TWO, "fine"),
        )
        assert sorted(outcomes) == [False, True]
        video, case = rows(service, video_id)
        assert (video.state, case.state) == ("queued", ReviewState.APPROVED)
