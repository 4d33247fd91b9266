"""Puts the demo model's scenes into words, in many ways, so that ordinary phrasing works."""

import re
import string
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from generator.demo.wordings import (
    ADVERBS,
    AND_DOES,
    AND_DOING,
    ARTICLES,
    BACKGROUNDS,
    BESIDE,
    COLOURS,
    FORMS,
    MOTIONS,
    NAMELESS,
    PACELESS,
    PACES,
    SENSES,
    SHAPES,
    SHOW,
    SIZES,
    STYLES,
    TAGS,
    TELL,
    TEMPLATES,
)
from generator.demo.world import Scene, Thing

_Option = TypeVar("_Option")


def caption(scene: Scene, random: np.random.Generator) -> str:
    """One of many wordings of the scene. It names shape, colour and motion of every thing and the
    background; that a thing stands still may go unsaid. Sizes and speeds are named unless they are
    the usual ones, because what nothing tells is left to the noise: a thing that turns at any speed
    would be at any angle, a blur. The first thing comes first."""
    return _write(scene, random, ())


def loose_caption(scene: Scene, random: np.random.Generator) -> str:
    """As `caption`, with one or two of background, motion, colour and shape unsaid."""
    wanted = ("background", "motion", "colour", "shape")
    return _write(scene, random, (pick(wanted, random), pick(wanted, random)))


def _write(scene: Scene, random: np.random.Generator, unsaid: Sequence[str]) -> str:
    first, *others = scene.things
    obvious = first.motion == "still" and not others and random.random() < 0.3
    said = tuple(
        part
        for part in ("motion", "background")
        if part not in unsaid and not (part == "motion" and obvious)
    )
    and_does = and_doing = ""
    for other in others:
        name = _name(other, random, unsaid)
        if "motion" in unsaid or (other.motion == "still" and random.random() < 0.4):
            and_does = and_doing = any_of(BESIDE, random) + name
        else:
            and_does = f"{any_of(AND_DOES, random)}{name} {_does(other, random)}"
            and_doing = f"{any_of(AND_DOING, random)}{name} {_doing(other, random)}"
    text = pick(TEMPLATES[said], random).format(
        show=pick(SHOW, random),
        tell=pick(TELL, random),
        it=_name(first, random, unsaid),
        does=_does(first, random),
        doing=_doing(first, random),
        and_does=and_does,
        and_doing=and_doing,
        where=pick(BACKGROUNDS[scene.background], random),
        tag=pick(TAGS[scene.background], random),
    )
    return finish(text, random)


def _name(thing: Thing, random: np.random.Generator, unsaid: Sequence[str]) -> str:
    """Such as "a small red circle"."""
    words = [
        pick(SIZES[thing.size], random),
        "" if "colour" in unsaid else pick(COLOURS[thing.colour], random),
        any_of(NAMELESS, random) if "shape" in unsaid else pick(SHAPES[thing.shape], random),
    ]
    return pick(ARTICLES, random) + " ".join(filter(None, words))


def _does(thing: Thing, random: np.random.Generator) -> str:
    """ "moves", "is moving" or, as in hasty prompts, "move" with all that belongs to it."""
    kind = random.random()
    if kind < 0.35:
        return f"is {_doing(thing, random)}"
    return _motion(thing, random, 0 if kind < 0.42 else None)


def _doing(thing: Thing, random: np.random.Generator) -> str:
    return _motion(thing, random, 1)


def _motion(thing: Thing, random: np.random.Generator, form: int | None) -> str:
    """A verb, in the present or the given one of `FORMS`, where it leads to and how fast."""
    verbs, tails = pick(MOTIONS[thing.motion], random)
    verb, tail = pick(verbs, random), pick(tails, random)
    words = [verb if form is None else FORMS[verb][form], tail]
    if thing.motion in ("circle", "rotate") and (thing.turns < 0 or random.random() < 0.25):
        words.append(pick(SENSES[thing.turns < 0], random))
    if thing.motion not in PACELESS:
        place = int(random.integers(4))
        if place < 3:
            words.insert(place, pick(ADVERBS[thing.speed], random))
        else:
            words.append(pick(PACES[thing.speed], random))
    return " ".join(filter(None, words))


def finish(text: str, random: np.random.Generator) -> str:
    """Puts in styles, "an", capitals and the full stop, or leaves them out as people do."""
    if random.random() < 0.25:
        styles = dict.fromkeys(pick(STYLES, random) for _ in range(random.integers(1, 4)))
        text = ", ".join([text, *styles])
    text = re.sub(r"\ba (?=[aeiou])", "an ", text)
    capitals = random.random()
    if capitals < 0.05:
        text = string.capwords(text)
    elif capitals < 0.55:
        text = re.sub(r"(?:^|\. )[a-z]", lambda start: start[0].upper(), text)
    return text + "." if random.random() < 0.4 else text


def any_of(options: Sequence[str], random: np.random.Generator) -> str:
    """One of the options, all alike."""
    return options[int(len(options) * random.random())]


def pick(options: Sequence[_Option], random: np.random.Generator) -> _Option:
    """One of the options, the first ones more often."""
    return options[int(len(options) * random.random() ** 2)]
