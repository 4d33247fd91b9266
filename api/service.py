"""The composition root: the parts of the service, opened together and closed together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from api import engine, keyring
from api.audit import publisher, sequencer
from api.audit.last_head import LastHead
from api.consents import Consents
from api.db import roles, schema
from api.db.registry import DatabaseRegistry
from api.db.session import Database
from api.engine import Jobs
from api.intake import Intake
from api.judge import Judge
from api.lifecycle import Lifecycle
from api.reviews import Reviews
from api.settings import Settings
from api.stages import Stages
from api.storage import Storage
from api.worker import Worker
from api.workspace import Workspace
from provenance.ledger.keys import VerifierKey
from provenance.ledger.note import NoteSigner
from provenance.phrases import Language
from provenance.verify import Report
from provenance.verify import verify as verify_file
from safety.guards import Guards


@dataclass(frozen=True)
class Service:
    """Everything a request or a command needs."""

    settings: Settings
    database: Database
    storage: Storage
    jobs: Jobs
    judge: Judge
    guards: Guards
    intake: Intake
    reviews: Reviews
    consents: Consents
    registry: DatabaseRegistry

    @cached_property
    def keyring(self) -> keyring.Keyring:
        """Loaded on first use, so that a host that only renders needs no key."""
        return keyring.load(self.settings)

    @cached_property
    def log_signer(self) -> NoteSigner:
        """The key of the audit log, likewise."""
        return keyring.log_signer(self.settings)

    def verify(self, path: Path, language: Language = "en") -> Report:
        """Judge a file with this service's keys, records and limits; raises as
        `provenance.verify.verify`."""
        return verify_file(
            path,
            self.registry,
            keys=self.keyring.watermark_keys,
            trust=self.keyring.trust,
            limits=self.settings.verify_limits,
            language=language,
        )

    def last_head(self, key: VerifierKey) -> LastHead:
        """What this host has seen last of the log with that key."""
        return LastHead(self.settings.data_dir / "log.head", key)

    def sequence_log(self) -> None:
        """Give all events that wait their places in the log.

        Raises LostHeadError, and signs nothing, where the database has lost what was signed here;
        LedgerError likewise where what it holds was not signed.
        """
        last = self.last_head(self.log_signer.verifier_key)
        with self.database.transaction() as session:
            last.follow(session)  # of other hosts, too
        sequencer.sequence_all(self.database, self.log_signer, last)

    def worker(self, *, models: list[str], produces: bool) -> Worker:
        """A worker for this process; it does nothing until started."""
        if produces:
            keyring.warn_if_insecure(self.settings)
        workspace = _workspace(self.settings, self.storage)
        keepers = []
        if produces:
            keepers = [
                sequencer.keeper(self.sequence_log),
                publisher.keeper(self.settings, self.database),
            ]
        return Worker(
            self.settings,
            self.database,
            workspace,
            Stages(self.settings, self.database, workspace, lambda: self.keyring),
            Lifecycle(self.settings, self.database, self.storage, workspace),
            self.jobs,
            keepers,
            models=models,
        )


def migrate(settings: Settings, role: str | None = None) -> None:
    """Bring both databases to the current schema; safe to run on every start.

    role: of PostgreSQL, that is to serve without owning them; raises as `roles.let_serve`.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold prompts
    database = Database(settings.app_database_url)
    try:
        schema.upgrade(database)
        if role is not None:
            roles.let_serve(database, role)
    finally:
        database.close()
    engine.migrate(settings, role)


@contextmanager
def open_guards(settings: Settings) -> Iterator[Guards]:
    """The guard models alone; nothing is loaded yet."""
    guards = _guards(settings)
    try:
        yield guards
    finally:
        guards.close()


@contextmanager
def open_service(settings: Settings) -> Iterator[Service]:
    """The service over migrated databases."""
    storage = Storage.open(settings.storage_url, settings.data_dir / "objects")
    database = Database(settings.app_database_url)
    jobs = Jobs(settings)
    guards = _guards(settings)
    judge = Judge(settings, database, guards)
    try:
        yield Service(
            settings=settings,
            database=database,
            storage=storage,
            jobs=jobs,
            judge=judge,
            guards=guards,
            intake=Intake(settings, database, jobs, judge),
            reviews=Reviews(settings, database, jobs, _workspace(settings, storage)),
            consents=Consents(database),
            registry=DatabaseRegistry(database),
        )
    finally:
        jobs.close()
        guards.close()
        database.close()


def _workspace(settings: Settings, storage: Storage) -> Workspace:
    return Workspace(storage, settings.data_dir / "scratch" / settings.worker_id)


def _guards(settings: Settings) -> Guards:
    return Guards(
        settings.guards,
        seconds=settings.guard_seconds,
        device=settings.device,
        download=settings.guard_download,
    )
