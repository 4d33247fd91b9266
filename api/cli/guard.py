"""`signet guards`: what an operator asks about guard models."""

import typer

from api.cli.output import EXIT_BAD_INPUT, EXIT_NO, Json, fail, print_json, print_table
from api.service import open_guards
from api.settings import Settings

LOAD_SECONDS = 600.0
"""For which commands wait until guards are loaded."""

_HARMLESS = "a red ball rolls to the right"

guards = typer.Typer(
    help="Guard models (SIGNET_GUARDS) that judge prompts beside the shipped classifier.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@guards.command()
def check(as_json: Json = False) -> None:
    """Load every guard, let it judge a harmless prompt, and say what came of it.

    Exits with 1 if any gives no answer; the log on standard error says why.
    """
    settings = Settings()
    if not settings.guards:
        fail("there are no guards: set SIGNET_GUARDS", EXIT_BAD_INPUT)
    with open_guards(settings) as opened:
        opened.load(LOAD_SECONDS)
        answers = opened.judge([_HARMLESS])
    rows = [
        (answer.model, spec.family, answer.revision, answer.label, answer.score, answer.failure)
        for spec, answer in zip(settings.guards, answers, strict=True)
    ]
    if as_json:
        names = ("model", "family", "revision", "label", "score", "failure")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(("MODEL", "FAMILY", "REVISION", "LABEL", "SCORE", "FAILURE"), rows)
    if any(answer.failure for answer in answers):
        raise typer.Exit(EXIT_NO)
