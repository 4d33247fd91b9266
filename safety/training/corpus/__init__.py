"""Training prompts written for this project (CC0), read from the YAML files beside this module.

README.md describes the files. In a prompt, `(a|b|c)` stands for alternatives: it gives as many
variants as its longest list of alternatives has members, and variant number i takes member i of
each list (from the start again where a list is shorter). In a pair, `(a|b)` marks the edit: `a`
makes the harmless prompt and `b` the harmful one. `{private_woman}` and its like are filled with
invented names.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import yaml

from safety.training.data import Row

CORPUS_PATH = Path(__file__).parent

CORPUS_SOURCE = "signet_corpus"
"""The source of every row here."""

_WRAPPERS_EACH = 6
_ALTERNATIVES = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")
_NAME = re.compile(r"{(private|public)_(woman|man|person|figure)}")


@dataclass(frozen=True)
class Section:
    """A list of prompts on one idea.

    `near` names the categories that harmless prompts resemble, or that harmful ones belong to.
    """

    path: str
    about: str
    kind: Literal["harmful", "look-alike", "everyday", "pairs"]
    near: tuple[str, ...]
    domain: str
    language: str
    lines: tuple[str, ...]


def corpus_rows() -> list[Row]:
    """Every prompt as a row, in the order of the files and without repetitions."""
    names = _yaml("names.yaml")
    rows = chain.from_iterable(_section_rows(section, names) for section in corpus_sections())
    distinct: dict[str, Row] = {}
    for row in chain(rows, _wrapped_rows(names)):
        distinct.setdefault(row.text.casefold(), row)
    return list(distinct.values())


def corpus_sections() -> list[Section]:
    """The sections of all files but the wrapped prompts, which are composed."""
    return [
        _section(path, fields)
        for folder in ("hard_negatives", "everyday", "harmful", "pairs", "languages")
        for path in sorted((CORPUS_PATH / folder).glob("*.yaml"))
        for fields in _yaml(f"{folder}/{path.name}")
    ]


def _yaml(name: str) -> Any:
    return yaml.safe_load((CORPUS_PATH / name).read_text(encoding="utf-8"))


def _section(path: Path, fields: Mapping[str, str]) -> Section:
    if "pairs" in fields:
        kind: Literal["harmful", "look-alike", "everyday", "pairs"] = "pairs"
    elif "categories" in fields:
        kind = "harmful"
    else:
        kind = "look-alike" if "near" in fields else "everyday"
    return Section(
        path=f"{path.parent.name}/{path.name}",
        about=fields["about"],
        kind=kind,
        near=tuple(fields.get("categories", fields.get("near", "")).split()),
        domain=fields.get("domain", "t2v"),
        language=path.stem if path.parent.name == "languages" else "en",
        lines=tuple(fields["pairs" if kind == "pairs" else "prompts"].splitlines()),
    )


def _section_rows(section: Section, names: Any) -> Iterator[Row]:
    for line in section.lines:
        variants = list(_variants(line))
        for number, variant in enumerate(variants):
            if section.kind == "pairs":
                harmful, tier = number == 1, "counterfactual"
            else:
                harmful = section.kind == "harmful"
                tier = {"harmful": "clear", "look-alike": "hard_negative"}.get(
                    section.kind, "benign"
                )
            # Both sides of a pair show the same person.
            seed = line if section.kind == "pairs" else variant
            yield Row(
                text=_with_names(variant, seed, section.language, names),
                label="block" if harmful else "allow",
                categories=_categories(section.near, variant) if harmful else (),
                source=CORPUS_SOURCE,
                domain=section.domain,
                tier=tier,
                language=section.language,
                group=f"signet-corpus {section.language} {line}",
            )


def _wrapped_rows(names: Any) -> Iterator[Row]:
    """Each harmful and each harmless core in `_WRAPPERS_EACH` wrappers.

    The two cores at the same place of a list get the same wrappers, so that no wrapper is a sign
    of either label.
    """
    wrappers = [
        wrapper
        for section in _yaml("wrapped/wrappers.yaml")
        for wrapper in section["wrappers"].splitlines()
    ]
    start = 0
    for section in _yaml("wrapped/cores.yaml"):
        categories = tuple(section["categories"].split())
        harmless, harmful = section["harmless"].splitlines(), section["harmful"].splitlines()
        for cores in zip(harmless, harmful, strict=True):
            for step in range(_WRAPPERS_EACH):
                # A stride that shares no factor with the number of wrappers visits all of them.
                wrapper = wrappers[(start + step * 7) % len(wrappers)]
                for core, is_harmful in zip(cores, (False, True), strict=True):
                    text = wrapper.replace("{core}", core)
                    yield Row(
                        text=_with_names(text[0].upper() + text[1:], wrapper, "en", names),
                        label="block" if is_harmful else "allow",
                        categories=_categories(categories, core) if is_harmful else (),
                        source=CORPUS_SOURCE,
                        domain="t2v",
                        tier="wrapped",
                        language="en",
                        group=f"signet-corpus wrapped {core}",
                    )
            start += 1


def _variants(line: str) -> Iterator[str]:
    parts = _ALTERNATIVES.split(line)  # text and alternatives by turns
    choices = [part.split("|") for part in parts[1::2]]
    for number in range(max(map(len, choices), default=1)):
        parts[1::2] = [words[number % len(words)] for words in choices]
        text = "".join(parts)
        yield unicodedata.normalize("NFC", re.sub(r"  +", " ", text).strip())


def _categories(near: tuple[str, ...], text: str) -> tuple[str, ...]:
    """A prompt with a name needs that person's likeness too."""
    return (*near, "likeness") if _NAME.search(text) and "likeness" not in near else near


def _with_names(text: str, seed: str, language: str, names: Any) -> str:
    """The text with an invented name in each place for one; the seed decides which name."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")

    def name(found: re.Match[str]) -> str:
        pool = names[found.group(1)].get(language, names[found.group(1)]["en"])
        kinds = {"woman": ["women"], "man": ["men"]}.get(found.group(2), ["women", "men"])
        people = [person for kind in kinds for person in pool[kind]]
        return str(people[number % len(people)])

    return _NAME.sub(name, text)
