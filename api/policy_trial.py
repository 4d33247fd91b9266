"""What another policy would change, on prompts of the past."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

import safety
from api.errors import InvalidRequestError
from safety import Decision


class PastPrompt(BaseModel):
    """One line of the file of prompts; other members are ignored."""

    id: str | int
    prompt: str
    negative_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What both policies say to one prompt."""

    prompt: PastPrompt
    before: Decision
    after: Decision

    @property
    def changes(self) -> bool:
        """Whether the prompt would be treated differently."""
        return self.before.action != self.after.action


def read_prompts(lines: Iterable[str]) -> list[PastPrompt]:
    """The prompts of a JSON Lines file; empty lines do not count. Raises InvalidRequestError."""
    prompts = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                prompts.append(PastPrompt.model_validate_json(line))
            except ValidationError as error:
                wrong = error.errors()[0]
                where = ".".join(map(str, wrong["loc"])) or "JSON"
                raise InvalidRequestError(f"line {number}: {where}: {wrong['msg']}") from error
    if not prompts:
        raise InvalidRequestError("there are no prompts")
    return prompts


def compare(prompts: Iterable[PastPrompt], before: Path, after: Path) -> Iterator[Trial]:
    """Moderate each prompt by both policies, which are valid, without anybody's consent."""
    for prompt in prompts:
        text, negative = prompt.prompt, prompt.negative_prompt
        yield Trial(
            prompt,
            before=safety.moderate(text, negative, policy_path=before),
            after=safety.moderate(text, negative, policy_path=after),
        )


def counted(decisions: Iterable[Decision]) -> dict[str, int]:
    """How many were allowed, sent to review and blocked."""
    counts = Counter(decision.action for decision in decisions)
    return {action: counts[action] for action in ("allow", "review", "block")}
