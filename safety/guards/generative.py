"""Guards that answer in words: read at one place, by the probability of each answer.

Every question is one pass over the template with the prompt in it. The answer stands behind what
the template ends with, wherever the prompt claims that it stands. A model that says anything but
one of its family's answers there gives none.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

from safety.guards.data import around_prompt, encode, windows
from safety.guards.families import Family, Question
from safety.guards.verdict import Finding

_LEAST_MASS = 0.5
"""Of probability that the answers must have together."""
_NAMED_FROM = 0.2
"""From this score on a guard is asked which harm it means; lower ones decide nothing."""
_LONGEST_NAMES = 48
_LEAST_ROOM = 16


class NoAnswerError(ValueError):
    """The model said something else than its family's answers."""


class GenerativeGuard:
    """A causal language model of a known family. Raises ValueError if it cannot be asked."""

    def __init__(self, family: Family, tokenizer: Any, model: Any) -> None:
        self._family = family
        self._tokenizer = tokenizer
        self._model = model
        self._around = [(each, self._template(each)) for each in family.questions]
        firsts = {answer: self._ids(answer)[0] for answer in family.answers}
        if len(set(firsts.values())) < len(firsts):
            raise ValueError("the tokenizer cannot tell the answers apart")
        self._answers = list(firsts)
        self._firsts = list(firsts.values())
        config = model.config.get_text_config()
        length = min(config.max_position_embeddings, tokenizer.model_max_length)
        template = max(len(before) + len(behind) for _, (before, behind) in self._around)
        naming = 0 if family.naming is None else _LONGEST_NAMES + len(self._ids(family.naming.lead))
        self._room = length - template - naming
        if self._room < _LEAST_ROOM:
            raise ValueError(f"the model takes {length} tokens, which leaves none for a prompt")

    def judge(self, text: str, check_time: Callable[[], None]) -> Iterator[Finding]:
        """What it finds in each part of a text. Raises NoAnswerError, ValueError if the text cannot
        be made data, and whatever `check_time`, called before every pass, raises."""
        for part in windows(encode(text, self._tokenizer), self._room):
            for question, (before, behind) in self._around:
                check_time()
                yield self._ask(question, [*before, *part, *behind])

    def _ask(self, question: Question, ids: list[int]) -> Finding:
        answers = self._answer(ids)
        harm = self._family.answers
        score = sum(harm[answer] * chance for answer, chance in answers.items())
        label = max(answers, key=lambda answer: answers[answer]).strip()
        if self._family.naming is not None and score >= _NAMED_FROM:
            names = self._names(ids, self._family.naming.lead)
            label = ": ".join((label, ", ".join(names))) if names else label
            known = self._family.naming.labels
            found = [known[name] for name in names]
        else:
            found = [question.categories]
            label = f"{label}: {question.name}" if len(self._around) > 1 else label
        categories = {name: score for each in found for name in each}
        # One name without a category among several is no harm of its own: the others say it.
        return Finding(label, score, categories, 0.0 if categories else score)

    def _answer(self, ids: list[int]) -> dict[str, float]:
        with torch.inference_mode():
            logits = self._model(input_ids=self._tensor(ids), logits_to_keep=1).logits[0, -1]
        chances = torch.softmax(logits.float(), dim=-1)[self._firsts].tolist()
        mass = sum(chances)
        if not (math.isfinite(mass) and mass >= _LEAST_MASS):
            raise NoAnswerError("the model gives none of the answers of its family")
        return {
            answer: chance / mass for answer, chance in zip(self._answers, chances, strict=True)
        }

    def _names(self, ids: list[int], lead: str) -> list[str]:
        """The harms that the model names, each as its family spells it; the rest is ignored."""
        asked = self._tensor([*ids, *self._ids(lead)])
        with torch.inference_mode():
            said = self._model.generate(
                input_ids=asked,
                attention_mask=torch.ones_like(asked),
                max_new_tokens=_LONGEST_NAMES,
                do_sample=False,
                pad_token_id=self._tokenizer.eos_token_id,
            )
        line = self._tokenizer.decode(said[0, asked.shape[1] :], skip_special_tokens=True)
        named = {name.strip() for name in line.strip().split("\n")[0].split(",")}
        assert self._family.naming is not None
        return [name for name in self._family.naming.labels if name in named]

    def _template(self, question: Question) -> tuple[list[int], list[int]]:
        before, behind = around_prompt(
            self._tokenizer,
            generation_prompt=self._family.generation_prompt,
            **question.arguments,
        )
        if not behind.endswith(self._family.lead):
            behind += self._family.lead
        return self._ids(before), self._ids(behind)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _tensor(self, ids: list[int]) -> torch.Tensor:
        return torch.tensor([ids], device=self._model.device)
