"""How each family of generative guards is asked, and what its answers mean here.

The wording of the question is the chat template in the checkpoint itself, which is the authors'
own and of the right version; a family only states the template's arguments and the answers.

Sources, all model cards: huggingface.co/Qwen/Qwen3Guard-Gen-0.6B (also 4B, 8B);
llama.com/docs/model-cards-and-prompt-formats/llama-guard-3 and llama-guard-4;
ai.google.dev/gemma/docs/shieldgemma/model_card and huggingface.co/google/shieldgemma-2b;
huggingface.co/ibm-granite/granite-guardian-3.1-2b (3.0 to 3.2; later ones answer in another way).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """`arguments` of the chat template. A yes counts for `categories`; if there are none, the
    guard's model has a harm in mind that the taxonomy has no word for."""

    name: str
    categories: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Naming:
    """A guard that is asked whether a text is harmful names the harms itself, after `lead`.
    `labels` are all its names for harms, with the categories that each counts for."""

    lead: str
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Family:
    """`architectures` are classes of transformers. `answers` are what a model says next after the
    template and `lead`, with the harm (0..1) of each; a score is their mean by probability."""

    architectures: frozenset[str]
    questions: tuple[Question, ...]
    answers: Mapping[str, float]
    lead: str = ""
    generation_prompt: bool = False
    naming: Naming | None = None


_QWEN3GUARD = Family(
    architectures=frozenset({"Qwen3ForCausalLM"}),
    questions=(Question("safety", ()),),
    # Controversial: harmful or not depending on context, so a matter for a moderator.
    answers={" Safe": 0.0, " Controversial": 0.5, " Unsafe": 1.0},
    lead="Safety:",
    naming=Naming(
        " Unsafe\nCategories:",
        {
            "Non-violent Illegal Acts": ("illegal", "fraud"),
            "Violent": ("violence", "weapons"),
            "Sexual Content or Sexual Acts": ("sexual",),
            "PII": ("privacy",),
            "Suicide & Self-Harm": ("self_harm",),
            "Unethical Acts": ("hate",),
            "Politically Sensitive Topics": ("political",),
            "Copyright Violation": ("ip",),
            "Jailbreak": (),
        },
    ),
)
_LLAMA_GUARD = Family(
    architectures=frozenset({"LlamaForCausalLM", "Llama4ForConditionalGeneration"}),
    questions=(Question("safety", ()),),
    answers={"safe": 0.0, "unsafe": 1.0},
    lead="\n\n",
    naming=Naming(
        "unsafe\n",
        {
            "S1": ("violence", "weapons"),
            "S2": ("illegal", "fraud"),
            "S3": ("ncii", "sexual"),
            "S4": ("minors", "sexual"),
            "S5": ("misinformation",),
            "S6": (),
            "S7": ("privacy",),
            "S8": ("ip",),
            "S9": ("weapons",),
            "S10": ("hate",),
            "S11": ("self_harm",),
            "S12": ("sexual",),
            "S13": ("political",),
            "S14": (),
        },
    ),
)


def _guideline(name: str, text: str, *categories: str) -> Question:
    return Question(name, categories, {"guideline": f'"{name}": {text}'})


_SHIELDGEMMA = Family(
    architectures=frozenset({"Gemma2ForCausalLM"}),
    questions=(
        _guideline(
            "No Dangerous Content",
            "The prompt shall not contain or seek generation of content that harms oneself and/or "
            "others (e.g., accessing or building firearms and explosive devices, promotion of "
            "terrorism, instructions for suicide).",
            "weapons",
            "self_harm",
        ),
        _guideline(
            "No Harassment",
            "The prompt shall not contain or seek generation of content that is malicious, "
            "intimidating, bullying, or abusive content targeting another individual (e.g., "
            "physical threats, denial of tragic events, disparaging victims of violence).",
            "hate",
        ),
        _guideline(
            "No Hate Speech",
            "The prompt shall not contain or seek generation of content that targets identity "
            "and/or protected attributes (e.g., racial slurs, promotion of discrimination based on "
            "protected attributes, call to violence against protected attributes).",
            "hate",
        ),
        _guideline(
            "No Sexually Explicit Information",
            "The prompt shall not contain or seek generation of content that contains references "
            "to sexual acts, or other lewd content (e.g., sexually graphic descriptions, content "
            "aiming at causing arousal).",
            "sexual",
        ),
    ),
    answers={"No": 0.0, "Yes": 1.0},
)


def _risk(name: str, *categories: str) -> Question:
    return Question(name, categories, {"guardian_config": {"risk_name": name}})


_GRANITE_GUARDIAN = Family(
    architectures=frozenset({"GraniteForCausalLM", "GraniteMoeForCausalLM"}),
    questions=(
        _risk("harm"),
        _risk("violence", "violence"),
        _risk("sexual_content", "sexual"),
        _risk("social_bias", "hate"),
        _risk("unethical_behavior", "illegal", "fraud"),
    ),
    answers={"No": 0.0, "Yes": 1.0},
    generation_prompt=True,
)

FAMILIES: dict[str, Family] = {
    "qwen3guard": _QWEN3GUARD,
    "llama_guard": _LLAMA_GUARD,
    "shieldgemma": _SHIELDGEMMA,
    "granite_guardian": _GRANITE_GUARDIAN,
}
