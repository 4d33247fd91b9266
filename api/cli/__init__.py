"""The command line. Exit codes: 0 success, 1 the answer is no, 2 bad input, 3 internal failure."""

import atexit
import gc
import logging
import os
import re
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from api import logs
from api.cli import (
    admin,
    audit,
    consent,
    evidence,
    frames,
    generation,
    guard,
    policy,
    review,
    server,
    trust,
    watermark,
)
from api.cli.output import EXIT_BAD_INPUT, EXIT_INTERNAL, fail, show_version
from api.errors import ServiceError
from api.keyring import KeyringError
from provenance.certificates import CertificateError
from provenance.signers import SignerError
from provenance.trust_lists import TrustListError

app = typer.Typer(
    name="signet",
    help="Text to video with moderation, watermark, signed manifest, and a verifier.\n\n"
    "Settings come from SIGNET_* environment variables; data lives in SIGNET_DATA_DIR.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=show_version)
    ] = False,
) -> None:
    """Options of `signet` itself."""


for command in (
    server.serve,
    server.worker,
    generation.generate,
    generation.moderate,
    evidence.verify,
):
    app.command()(command)
app.add_typer(watermark.watermark, name="watermark")
app.add_typer(evidence.credentials, name="credentials")
app.add_typer(trust.trust, name="trust")
app.add_typer(audit.audit, name="audit")
app.add_typer(review.review, name="review")
app.add_typer(consent.consent, name="consent")
app.add_typer(policy.policy, name="policy")
app.add_typer(guard.guards, name="guards")
app.add_typer(frames.frames, name="frames")
app.add_typer(admin.keys, name="keys")
app.add_typer(admin.models, name="models")
app.add_typer(server.db, name="db")


def main() -> None:
    """Entry point of the `signet` command."""
    # Spinning OpenMP threads make torch several times slower on a busy CPU; read when it loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # A million objects of torch take two seconds to be looked through for garbage once more.
    atexit.register(gc.freeze)
    logs.configure(json_lines=False, level=logging.WARNING)
    try:
        app()
    except ServiceError as error:
        fail(error.message, EXIT_BAD_INPUT, error.code)
    except ValidationError as error:
        wrong = "; ".join(_setting(one) for one in error.errors())
        fail(f"settings: {wrong}", EXIT_BAD_INPUT)
    except (KeyringError, SignerError, CertificateError, TrustListError) as error:
        fail(str(error), EXIT_BAD_INPUT)
    except SettingsError as error:
        fail(f"settings: {_unreadable(error)}", EXIT_BAD_INPUT)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        fail(f"{error.strerror}: {error.filename}", EXIT_BAD_INPUT)
    except Exception as error:  # whatever it is, the exit code must say that we failed
        fail(f"internal failure: {type(error).__name__}: {error}", EXIT_INTERNAL)


def _setting(error: ErrorDetails) -> str:
    """What is wrong with one setting, under the name that its owner knows."""
    if not error["loc"]:
        return error["msg"]
    name, *within = (str(part) for part in error["loc"])
    where = f": {'.'.join(within)}" if within else ""
    return f"SIGNET_{name.upper()}{where}: {error['msg']}"


def _unreadable(error: SettingsError) -> str:
    """The same of one that is no JSON, which pydantic-settings calls by the field's name."""
    field = re.search(r'field "(\w+)"', str(error))
    return f"SIGNET_{field[1].upper()} is not JSON" if field else str(error)
