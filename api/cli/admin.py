"""`signet keys` and `models`: what operators do."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from api import auth
from api.auth import Scope
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
from api.clock import now
from generator import catalogue, demo, sums
from generator.base import GeneratorError
from generator.spec import ModelSpec

keys = typer.Typer(help="API keys.", no_args_is_help=True, rich_markup_mode=None)
models = typer.Typer(help="The models.", no_args_is_help=True, rich_markup_mode=None)

_ACTOR = "cli"

ModelName = Annotated[str, typer.Argument(help="Catalogue id, folder or hub id.")]


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scopes: Annotated[list[Scope], typer.Option("--scope", help="Repeat for several.")],
    tenant: Annotated[str, typer.Option(help="Whose videos it sees.")] = "default",
    days: Annotated[int | None, typer.Option(help="Expire after this many days.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Create an API key and print it; it cannot be shown again."""
    with local_service() as service, service.database.transaction() as session:
        try:
            key = auth.create_key(
                session,
                name=name,
                tenant=tenant,
                scopes=scopes,
                actor=_ACTOR,
                expires_at=None if days is None else now() + timedelta(days=days),
            )
        except ValueError as error:
            fail(str(error), EXIT_BAD_INPUT)
    if as_json:
        print_json({"key": key, "name": name, "tenant": tenant, "scopes": sorted(scopes)})
    else:
        console.print(key, markup=False, soft_wrap=True)


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys (never their secrets)."""
    with local_service() as service, service.database.transaction() as session:
        found = auth.list_keys(session)
    if as_json:
        print_json(
            [
                {
                    "id": key.id,
                    "name": key.name,
                    "tenant": key.tenant,
                    "scopes": key.scopes,
                    "created_at": key.created_at,
                    "expires_at": key.expires_at,
                    "revoked": key.revoked_at is not None,
                }
                for key in found
            ]
        )
        return
    print_table(
        ("ID", "NAME", "TENANT", "SCOPES", "CREATED", "EXPIRES", "REVOKED"),
        [
            (
                key.id,
                key.name or "(erased)",
                key.tenant,
                " ".join(key.scopes),
                f"{key.created_at:%Y-%m-%d}",
                f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "never",
                "yes" if key.revoked_at else "no",
            )
            for key in found
        ],
    )


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The part between the underscores.")],
    as_json: Json = False,
) -> None:
    """Revoke a key for good."""
    with local_service() as service, service.database.transaction() as session:
        revoked = auth.revoke_key(session, key_id, actor=_ACTOR)
    if not revoked:
        fail(f"there is no live key {key_id}; see `signet keys list`", EXIT_NO)
    if as_json:
        print_json({"id": key_id, "revoked": True})
    else:
        console.print(f"{key_id}: revoked", markup=False)


@models.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models this version knows."""
    if as_json:
        print_json([_facts(model) for model in catalogue.models()])
    else:
        print_table(
            ("ID", "TITLE", "FPS", "MAX FRAMES", "LICENCE"),
            [
                (model.id, model.title, model.fps, model.max_frames, model.licence)
                for model in catalogue.models()
            ],
        )


@models.command("check")
def check_model(model: ModelName, as_json: Json = False) -> None:
    """Say whether a model can be used here and what its limits are.

    Where its files come with a list of SHA-256 digests, they are compared with it: exit code 1 if
    any differs.
    """
    try:
        spec = catalogue.find(model)
    except GeneratorError as error:
        fail(str(error), EXIT_BAD_INPUT)
    facts = {**_facts(spec), "digests": _compare_digests(spec)}
    if as_json:
        print_json(facts)
    else:
        for name, value in facts.items():
            console.print(f"{name}: {value}", markup=False, soft_wrap=True)


def _compare_digests(spec: ModelSpec) -> str:
    folder = demo.SHIPPED if spec.source is None else Path(spec.source)
    try:
        changed = sums.changed(folder)
    except FileNotFoundError:
        return "none to compare with"
    if changed:
        fail(
            f"{spec.id}: {', '.join(changed)} in {folder} differ from {sums.NAME}: fetch the "
            "checkpoint again.",
            EXIT_NO,
        )
    return "all files are as published"


@models.command("pull")
def pull_model(model: ModelName, as_json: Json = False) -> None:
    """Download a model's weights before the first render needs them."""
    from generator.cogvideox import fetch  # torch loads only where models do

    try:
        folder = fetch(model)
    except GeneratorError as error:
        fail(str(error), EXIT_BAD_INPUT)
    if as_json:
        print_json({"model": model, "folder": str(folder)})
    else:
        console.print(f"{model}: {folder}", markup=False, soft_wrap=True)


def _facts(spec: ModelSpec) -> dict[str, Any]:
    return asdict(spec)
