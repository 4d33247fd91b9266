"""Finds that a prompt asks for a real, identifiable person.

A first, rule-based detector: a short list of very well-known living people, full names (a common
given name and a capitalised surname), offices held by one person at a time, and people in the
writer's own life. First names alone, long-dead and fictional people are not likenesses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

NAMES_PATH = Path(__file__).with_name("names.yaml")

_COUNTRIES = (
    "america|argentina|australia|austria|belgium|brazil|canada|chile|china|colombia|denmark|egypt|"
    "england|finland|france|germany|greece|hungary|india|indonesia|iran|iraq|ireland|israel|italy|"
    "japan|kenya|mexico|netherlands|new zealand|nigeria|north korea|norway|pakistan|philippines|"
    "poland|portugal|romania|russia|saudi arabia|south africa|south korea|spain|sweden|switzerland|"
    "syria|taiwan|thailand|turkey|uk|ukraine|united kingdom|united states|usa|u\\.s\\.|venezuela|"
    "vietnam|european commission|european union"
)
_PEOPLES = (
    "american|argentine|australian|brazilian|british|canadian|chinese|dutch|egyptian|french|german|"
    "greek|hungarian|indian|iranian|israeli|italian|japanese|korean|mexican|nigerian|polish|"
    "portuguese|russian|spanish|swedish|turkish|u\\.?s\\.?|uk|ukrainian|venezuelan"
)
_OFFICES = (
    "president|vice president|prime minister|chancellor|king|queen|pope|crown prince|"
    "foreign minister|defen[cs]e minister|secretary of state|chief justice|first lady"
)
_PRIVATE = (
    "ex|ex[- ]?(?:wife|husband|girlfriend|boyfriend|partner)|neighbou?r|boss|coworker|co-worker|"
    "colleague|classmate|teacher|professor|landlord|roommate|stepmother|stepsister|manager|crush"
)

_OFFICE_HOLDER = re.compile(
    rf"\b(?:{_OFFICES}) of (?:the )?(?:{_COUNTRIES})\b"
    rf"|\b(?:{_PEOPLES}) (?:{_OFFICES})\b"
    r"|\b\d\d(?:st|nd|rd|th) (?:us |u\.s\. )?president\b"
    r"|\b(?:the|current|our) (?:pope|us president|first lady)\b",
    re.IGNORECASE,
)
_TITLED_NAME = re.compile(
    r"\b(?:President|Prime Minister|Chancellor|Senator|Governor|Pope)"
    r" (?!Lincoln|Washington|Jefferson|Roosevelt|Kennedy|Of\b|And\b)[A-Z][a-z]+\b"
)
_LED_COMPANY = re.compile(r"\b(?:founder|CEO|owner|chairman|singer|frontman) of [A-Z]\w+")
_RELATION = re.compile(rf"\b(?:my|our)(?: (?:former|old|new))? (?:{_PRIVATE})\b", re.IGNORECASE)
_NAME_AFTER_RELATION = re.compile(r",?\s+[A-Z][a-z]+\b")
_FACE_OF = re.compile(
    r"\bdeep ?fakes?\b|\b(?:swap|put|use|paste|replace)\b.{0,30}\bface\b"
    r"|\blooks? exactly like [A-Z]|\bphotos? (?:of|from) (?:his|her|their) (?:linkedin|instagram)",
    re.IGNORECASE,
)
_FULL_NAME = re.compile(
    r"\b([A-Z][a-zà-ÿ]+)(?: [A-Z][a-z]*\.?)?[ -]"
    r"((?:Mc|Mac|O['’]|De|Di|Le|La|Van|Von)?[A-Z][\w'’-]+)"
)
_ARTIST_CREDIT = re.compile(
    r"\b(?:style of|styled? by|painted by|painting by|inspired by|music by|art by)\s+$",
    re.IGNORECASE,
)
_ANYBODY = "a person"


@dataclass(frozen=True)
class Likeness:
    """A reference to a person at `start`:`end` of the text; `score` (0..1) is the confidence
    that it means one real, identifiable, living person."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class _Names:
    famous: re.Pattern[str]
    unprotected: frozenset[str]
    not_surnames: frozenset[str]
    given: frozenset[str]


def find_likenesses(text: str) -> Iterator[Likeness]:
    """Every reference to a real person in a text, in no particular order; may overlap."""
    yield from _named_people(text)
    for match in _OFFICE_HOLDER.finditer(text):
        yield Likeness(*match.span(), 0.8)
    for match in _LED_COMPANY.finditer(text):
        yield Likeness(*match.span(), 0.6)
    for match in _FACE_OF.finditer(text):
        yield Likeness(*match.span(), 0.6)
    for match in _RELATION.finditer(text):
        named = _NAME_AFTER_RELATION.match(text, match.end())
        # A relation alone may be any family film; it only tips the scale in combination.
        yield Likeness(match.start(), named.end() if named else match.end(), 0.8 if named else 0.45)


def anonymised(text: str) -> str:
    """The text with every person's name replaced, so that what is shown can be judged alone."""
    parts, position = [], 0
    for person in sorted(_named_people(text), key=lambda person: person.start):
        if person.start >= position:
            parts += [text[position : person.start], _ANYBODY]
            position = person.end
    return "".join([*parts, text[position:]])


def words_of_names() -> frozenset[str]:
    """The words of all listed names, in lower case: they are no slips and no gibberish."""
    listed = " ".join(str(name) for of_a_kind in _lists().values() for name in of_a_kind)
    return frozenset(re.findall("[a-z]+", listed.lower()))


def _named_people(text: str) -> Iterator[Likeness]:
    names = _names()
    for match in names.famous.finditer(text):
        yield Likeness(*match.span(), 0.95)
    for match in _TITLED_NAME.finditer(text):
        yield Likeness(*match.span(), 0.8)
    for match in _FULL_NAME.finditer(text):
        before = text[max(match.start() - 20, 0) : match.start()]
        if _is_private_name(match, names) and not _ARTIST_CREDIT.search(before):
            yield Likeness(*match.span(), 0.8)


def _is_private_name(match: re.Match[str], names: _Names) -> bool:
    given, surname = match.group(1).lower(), match.group(2).lower()
    surname = re.sub(r"['’]s$", "", surname)
    return (
        given in names.given
        and surname not in names.not_surnames
        and f"{given} {surname}" not in names.unprotected
    )


@cache
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = yaml.safe_load(NAMES_PATH.read_text(encoding="utf-8"))
    return lists


@cache
def _names() -> _Names:
    lists = _lists()
    famous = "|".join(re.escape(name).replace(r"\ ", "[ _-]?") for name in lists["public_figures"])
    unprotected = (" ".join(name.lower().split()[:2]) for name in lists["historical_or_fictional"])
    return _Names(
        famous=re.compile(rf"\b(?:{famous})\b", re.IGNORECASE),
        unprotected=frozenset(unprotected),
        not_surnames=frozenset(map(str.lower, lists["not_surnames"])),
        given=frozenset(map(str.lower, lists["given_names"])),
    )
