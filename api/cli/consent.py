"""`signet consent`: who has released their likeness."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.caller import Caller
from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    Json,
    console,
    fail,
    local_service,
    print_json,
    print_table,
)
from api.db.consents import ConsentScope
from api.errors import ConflictError, NotFoundError
from api.routes.consent_schemas import ConsentObject, RecordConsent

consent = typer.Typer(
    help="Consents: people who have released their likeness.\n\n"
    "A prompt that names somebody with a valid consent is no longer held for that. A consent "
    "releases likeness only: nothing sexual, deceptive, political or fraudulent.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_ACTOR = "cli"

ConsentId = Annotated[str, typer.Argument(help="See `signet consent list`.")]


@consent.command()
def add(
    subject: Annotated[str, typer.Argument(help="The person's name, as prompts write it.")],
    evidence: Annotated[
        Path,
        typer.Option(help="The signed form: its SHA-256 is recorded, you keep the file."),
    ],
    expires: Annotated[datetime, typer.Option(help="UTC; from then on it releases nothing.")],
    alias: Annotated[
        list[str] | None, typer.Option(help="Another name of theirs; repeat for several.")
    ] = None,
    scope: Annotated[
        ConsentScope,
        typer.Option(
            help="any_depiction releases the likeness; named_uses still goes to a moderator, who "
            "is shown the consent."
        ),
    ] = ConsentScope.ANY_DEPICTION,
    uses: Annotated[
        str | None, typer.Option(help="What the form names, for the scope named_uses.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Whose prompts may name the person.")] = "default",
    as_json: Json = False,
) -> None:
    """Record a consent. Misspelled names are not released: give other spellings as aliases."""
    with evidence.open("rb") as signed:
        digest = hashlib.file_digest(signed, "sha256").hexdigest()
    try:
        form = RecordConsent(
            subject=subject,
            aliases=alias or [],
            scope=scope,
            uses=uses,
            evidence_sha256=digest,
            expires_at=int(expires.replace(tzinfo=UTC).timestamp()),
        )
    except ValidationError as error:
        wrong = error.errors()[0]
        fail(f"{wrong['loc'][0]}: {wrong['msg']}", EXIT_BAD_INPUT)
    with local_service() as service:
        added = service.consents.record(form.release(), Caller(tenant, _ACTOR))
    if as_json:
        print_json(ConsentObject.of(added).model_dump(mode="json"))
    else:
        console.print(added.id, markup=False)


@consent.command("list")
def list_consents(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=500)] = 50,
    as_json: Json = False,
) -> None:
    """List the newest consents, of every state."""
    with local_service() as service:
        rows, _ = service.consents.page(tenant, limit=limit)
    found = [ConsentObject.of(row) for row in rows]
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
    else:
        print_table(
            ("ID", "TENANT", "STATE", "SCOPE", "EXPIRES", "SUBJECT"),
            [
                (
                    each.id,
                    each.tenant,
                    each.state,
                    each.scope,
                    f"{datetime.fromtimestamp(each.expires_at, UTC):%Y-%m-%d}",
                    each.subject or "(erased)",
                )
                for each in found
            ],
        )


@consent.command()
def show(consent_id: ConsentId, as_json: Json = False) -> None:
    """Show everything about a consent."""
    with local_service() as service:
        try:
            found = service.consents.get(consent_id, None)
        except NotFoundError as error:
            fail(f"{error} See `signet consent list`.", EXIT_NO)
    facts = ConsentObject.of(found).model_dump(mode="json")
    if as_json:
        print_json(facts)
        return
    times = {name: getattr(found, name) for name in ("created_at", "expires_at", "revoked_at")}
    for name, value in (facts | times).items():
        shown = ", ".join(value) if isinstance(value, list) else value
        console.print(f"{name}: {'' if shown is None else shown}", markup=False, soft_wrap=True)


@consent.command()
def revoke(consent_id: ConsentId, as_json: Json = False) -> None:
    """End a consent for good, and with it unfinished videos that rest on it."""
    with local_service() as service:
        try:
            tenant = service.consents.get(consent_id, None).tenant
            revoked = service.consents.revoke(consent_id, Caller(tenant, _ACTOR))
        except (ConflictError, NotFoundError) as error:
            fail(f"{error} See `signet consent list`.", EXIT_NO)
    if as_json:
        print_json(ConsentObject.of(revoked).model_dump(mode="json"))
    else:
        console.print(f"{consent_id}: revoked", markup=False)
