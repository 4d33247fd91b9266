"""`signet policy`: check a policy, and see what it would change before it is switched on."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.output import (
    EXIT_BAD_INPUT,
    EXIT_NO,
    Json,
    console,
    counted,
    fail,
    print_json,
    print_table,
    progress,
)
from api.policies import Policies
from api.policy_trial import Trial, compare, read_prompts
from api.policy_trial import counted as by_action
from api.settings import Settings
from safety import Decision
from safety.policy import Policy, PolicyError, load_policy

policy = typer.Typer(
    help="Moderation policies: SIGNET_POLICY_DIR holds default.yaml, and TENANT.yaml for tenants "
    "with their own.\n\nA changed file is in force at once; an invalid one is refused, and the "
    "last good one stays.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@policy.command()
def check(
    file: Annotated[Path, typer.Argument(help="A policy, such as safety/policy.yaml.")],
    as_json: Json = False,
) -> None:
    """Say whether a policy is valid, or which key is wrong (exit code 2)."""
    version = _load(file).version
    if as_json:
        print_json({"file": str(file), "valid": True, "version": version})
    else:
        console.print(f"{file}: valid, {version}", markup=False, soft_wrap=True)


@policy.command("test")
def try_out(
    prompts: Annotated[
        typer.FileText,
        typer.Argument(help='{"id", "prompt"} lines, with "negative_prompt" or not; - is a pipe.'),
    ],
    new: Annotated[Path, typer.Option("--policy", help="What would be switched on.")],
    against: Annotated[
        Path | None,
        typer.Option(help="What it would replace; without it, the default policy in force."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a policy would change on prompts of the past, without switching it on.

    Exits with 1 if any prompt would be treated differently. Consents are left out of account.
    """
    old = against or Policies(Settings().policy_dir).path_for("default")
    versions = _load(old).version, _load(new).version
    past = read_prompts(prompts)
    trials: list[Trial] = []
    with progress("prompts") as update:
        for trial in compare(past, old, new):
            trials.append(trial)
            update(len(trials), len(past))
    changed = [trial for trial in trials if trial.changes]
    before = by_action(trial.before for trial in trials)
    after = by_action(trial.after for trial in trials)
    if as_json:
        print_json(
            {
                "prompts": len(trials),
                "before": {"policy_version": versions[0], **before},
                "after": {"policy_version": versions[1], **after},
                "changed": [_facts(trial) for trial in changed],
            }
        )
    else:
        print_table(
            ("ACTION", "BEFORE", "AFTER"), [(name, before[name], after[name]) for name in before]
        )
        console.print(f"{counted(len(changed), 'prompt', 'prompts')} would be treated differently")
        if changed:
            print_table(
                ("ID", "BEFORE", "AFTER", "RULES BEFORE", "RULES AFTER"),
                [
                    (
                        trial.prompt.id,
                        trial.before.action,
                        trial.after.action,
                        " ".join(_rules(trial.before)),
                        " ".join(_rules(trial.after)),
                    )
                    for trial in changed
                ],
            )
    raise typer.Exit(EXIT_NO if changed else 0)


def _load(file: Path) -> Policy:
    try:
        return load_policy(file)
    except PolicyError as error:
        fail(f"{file}: {error}", EXIT_BAD_INPUT)


def _facts(trial: Trial) -> dict[str, Any]:
    return {
        "id": trial.prompt.id,
        **{
            when: {"action": decision.action, "rules": _rules(decision)}
            for when, decision in (("before", trial.before), ("after", trial.after))
        },
    }


def _rules(decision: Decision) -> list[str]:
    return [reason.rule for reason in decision.reasons]
