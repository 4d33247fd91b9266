"""The wordings of the demo model's captions: tables, the most common wording first.

No wording stands for two things.
"""

import re
from collections.abc import Iterable

from generator.demo.world import PLAIN

SHAPES = {
    "circle": ("circle", "ball", "disc", "dot", "sphere", "disk", "circle shape"),
    "square": ("square", "box", "block", "cube", "square shape"),
    "triangle": ("triangle", "pyramid", "triangle shape"),
    "star": ("star", "star shape", "five pointed star"),
    "heart": ("heart", "heart shape", "love heart"),
    "ring": ("ring", "donut", "hoop", "doughnut", "ring shape"),
}
COLOURS = {
    "red": ("red", "bright red", "crimson", "scarlet"),
    "orange": ("orange", "bright orange", "tangerine"),
    "yellow": ("yellow", "golden", "gold", "bright yellow"),
    "green": ("green", "bright green", "emerald"),
    "blue": ("blue", "bright blue", "azure", "cobalt"),
    "purple": ("purple", "violet", "bright purple"),
    "pink": ("pink", "bright pink", "hot pink"),
    "white": ("white", "pure white"),
    "black": ("black", "jet black"),
    "grey": ("grey", "gray"),
}
"""Of things and of plain backgrounds."""
SIZES = {
    "small": ("small", "tiny", "little"),
    "medium": ("", "", "", "", "medium", "medium sized"),
    "large": ("large", "big", "huge", "giant"),
}

_TRAVEL = ("moves", "goes", "slides", "rolls", "drifts", "travels", "glides", "flies", "floats")
_RISE = ("rises", "climbs", "ascends")
_FALL = ("falls", "sinks", "drops", "descends")
_SIDEWAYS = (
    *("to the {0}", "{0}", "from {1} to {0}", "towards the {0}", "{0}wards", "{0}ward"),
    *("toward the {0}", "to the {0} side", "from the {1} to the {0}", "across to the {0}"),
)
_UPRIGHT = (
    *("{0}", "{0}wards", "from {2} to {1}", "{0}ward", "to the {1}", "towards the {1}"),
    *("straight {0}", "from the {2} to the {1}"),
)
_DIAGONALLY = (
    *("diagonally {0} and to the {3}", "to the {1} {3}", "{0} and to the {3}", "{0} and {3}"),
    *("towards the {5} {3} corner", "diagonally to the {5} {3}", "to the {5} {3}"),
    *("from the {2} {4} to the {1} {3}", "from {6} {4} to {5} {3}", "diagonally {0} {3}"),
    *("to the {1} {3} corner", "towards the {5} {3}", "{0} {3}", "{3} and {0}"),
)
_UP = ("up", "top", "bottom")
_DOWN = ("down", "bottom", "top")


def _diagonal(
    up: tuple[str, str, str], right: str, left: str, upper: str, lower: str
) -> tuple[str, ...]:
    return tuple(tail.format(*up, right, left, upper, lower) for tail in _DIAGONALLY)


_TO_THE_RIGHT = tuple(tail.format("right", "left") for tail in _SIDEWAYS)
_TO_THE_LEFT = tuple(tail.format("left", "right") for tail in _SIDEWAYS)
_UPWARDS = tuple(tail.format(*_UP) for tail in _UPRIGHT)
_DOWNWARDS = tuple(tail.format(*_DOWN) for tail in _UPRIGHT)
_UP_RIGHT = _diagonal(_UP, "right", "left", "upper", "lower")
_UP_LEFT = _diagonal(_UP, "left", "right", "upper", "lower")
_DOWN_RIGHT = _diagonal(_DOWN, "right", "left", "lower", "upper")
_DOWN_LEFT = _diagonal(_DOWN, "left", "right", "lower", "upper")

MOTIONS: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "right": ((_TRAVEL, _TO_THE_RIGHT),),
    "left": ((_TRAVEL, _TO_THE_LEFT),),
    "up": ((_TRAVEL, _UPWARDS), (_RISE, ("", *_UPWARDS))),
    "down": ((_TRAVEL, _DOWNWARDS), (_FALL, ("", *_DOWNWARDS))),
    "up right": ((_TRAVEL, _UP_RIGHT), (_RISE, _UP_RIGHT)),
    "up left": ((_TRAVEL, _UP_LEFT), (_RISE, _UP_LEFT)),
    "down right": ((_TRAVEL, _DOWN_RIGHT), (_FALL, _DOWN_RIGHT)),
    "down left": ((_TRAVEL, _DOWN_LEFT), (_FALL, _DOWN_LEFT)),
    "circle": (
        (
            ("moves", "goes", "travels", "flies", "rolls", "runs"),
            (
                *("in a circle", "in circles", "around in a circle", "around in circles"),
                *("round and round", "on a circular path", "along a circle"),
            ),
        ),
        (("circles", "orbits", "loops"), ("around", "", "around the center", "around the middle")),
    ),
    "bounce": (
        (("bounces", "jumps", "hops"), ("up and down", "", "in place", "again and again")),
        (("moves", "goes"), ("up and down",)),
    ),
    "grow": (
        (("grows", "expands", "swells"), ("", "in size")),
        (("gets", "grows", "becomes"), ("bigger", "larger", "bigger and bigger")),
    ),
    "shrink": (
        (("shrinks", "contracts"), ("", "in size")),
        (("gets", "becomes"), ("smaller", "smaller and smaller", "tinier")),
    ),
    "rotate": (
        (
            ("spins", "rotates", "turns", "twirls"),
            ("", "around", "in place", "on the spot", "around itself", "around its center"),
        ),
    ),
    "still": (
        (("stays", "stands", "sits", "remains"), ("still", "in place", "motionless")),
        (("rests", "does not move"), ("",)),
    ),
}
"""Verbs and what may follow them."""

_CONJUGATED = """
move/moves/moving go/goes/going slide/slides/sliding roll/rolls/rolling drift/drifts/drifting
travel/travels/travelling glide/glides/gliding fly/flies/flying float/floats/floating
run/runs/running rise/rises/rising climb/climbs/climbing ascend/ascends/ascending fall/falls/falling
sink/sinks/sinking drop/drops/dropping descend/descends/descending circle/circles/circling
orbit/orbits/orbiting loop/loops/looping bounce/bounces/bouncing jump/jumps/jumping hop/hops/hopping
grow/grows/growing expand/expands/expanding swell/swells/swelling get/gets/getting
become/becomes/becoming shrink/shrinks/shrinking contract/contracts/contracting spin/spins/spinning
rotate/rotates/rotating turn/turns/turning twirl/twirls/twirling stay/stays/staying
stand/stands/standing sit/sits/sitting remain/remains/remaining rest/rests/resting
"""
FORMS = {
    present: (plain, participle)
    for plain, present, participle in (forms.split("/") for forms in _CONJUGATED.split())
} | {"does not move": ("do not move", "not moving")}

ADVERBS = {
    "slow": ("slowly", "gently", "very slowly"),
    "normal": ("", "", "", "", "steadily"),
    "fast": ("quickly", "rapidly", "swiftly", "very quickly"),
}
PACES = {
    "slow": ("in slow motion", "at a slow pace"),
    "normal": ("", "at a steady pace"),
    "fast": ("fast", "very fast", "at high speed"),
}
PACELESS = ("grow", "shrink", "still")
SENSES = ("clockwise", ""), ("counterclockwise", "anticlockwise", "counter-clockwise")

_PLAIN_WHERE = (
    *("on a {} background", "against a {} background", "in front of a {} background"),
    *("on a plain {} background", "in front of a {} wall", "against plain {}", "on {}"),
    *("with a {} background", "on a solid {} background", "before a {} backdrop"),
    *("against a {} backdrop", "in front of a plain {} wall", "on a {} canvas"),
)
_PLAIN_TAGS = (
    *("{} background", "plain {} background", "the background is {}", "solid {} background"),
    *("background {}", "{} backdrop", "{} wall in the background"),
)
_SHADES = {
    **{colour: COLOURS[colour] for colour in ("white", "black", "grey")},
    "blue": ("blue", "light blue", "sky blue"),
    "green": ("green", "light green", "pale green"),
    "yellow": ("yellow", "light yellow", "pale yellow"),
    "pink": ("pink", "light pink", "pale pink"),
}
BACKGROUNDS = {
    plain: tuple(template.format(shade) for template in _PLAIN_WHERE for shade in _SHADES[plain])
    for plain in PLAIN
} | {
    "meadow": (
        *("over a green meadow", "in a meadow", "over a green meadow under a blue sky"),
        *("on the grass", "in a green field", "on green grass under a blue sky"),
        *("above a grassy field", "over a lawn", "in a field on a sunny day"),
    ),
    "sea": (
        *("above the sea", "over the sea", "over the ocean", "over the water", "at the sea"),
        *("above the ocean", "at the beach", "over a calm blue sea", "in front of the sea"),
    ),
    "sunset": (
        *("at sunset", "in front of a sunset", "in the evening", "at dusk", "during sunset"),
        *("under an evening sky", "in the evening light", "as the sun sets"),
    ),
    "night": (
        *("at night", "under the moon", "in the night", "in the moonlight", "under a night sky"),
        *("at midnight", "in front of the moon", "under a full moon", "on a moonlit night"),
    ),
    "rain": (
        *("in the rain", "on a rainy day", "in rainy weather", "in heavy rain"),
        *("while it rains", "while it is raining", "with rain falling"),
    ),
}
TAGS = {
    plain: tuple(template.format(shade) for template in _PLAIN_TAGS for shade in _SHADES[plain])
    for plain in PLAIN
} | {
    "meadow": ("green meadow", "meadow background", "grass and blue sky", "grass and sky"),
    "sea": ("sea in the background", "ocean background", "calm sea", "sea and sky"),
    "sunset": ("sunset", "sunset background", "evening sky", "sunset in the background"),
    "night": ("night", "night sky", "night background", "moon in the sky"),
    "rain": ("rain", "rainy day", "rainy weather", "rain in the background"),
}

TEMPLATES = {
    ("motion", "background"): (
        *("{tell}{it} {does}{and_does} {where}", "{show}{it} {doing}{and_doing} {where}"),
        *("{where}, {it} {does}{and_does}", "{show}{it} {doing}{and_doing}, {tag}"),
        *("{tell}{it} {does}{and_does}, {tag}", "{it}, {doing}{and_doing}, {tag}"),
        *("{show}{it} {where}, {doing}{and_doing}", "{it} {does}{and_does}. {tag}"),
        *("{where}, {show}{it} {doing}{and_doing}", "{it} {where} {does}{and_does}"),
        "{tag}, {it} {doing}{and_doing}",
    ),
    ("motion",): (
        *("{tell}{it} {does}{and_does}", "{show}{it} {doing}{and_doing}"),
        "{it}, {doing}{and_doing}",
    ),
    ("background",): (
        *("{show}{it}{and_doing} {where}", "{show}{it}{and_doing}, {tag}"),
        *("{where}, {show}{it}{and_doing}", "{it}{and_doing}. {tag}"),
    ),
    (): ("{show}{it}{and_doing}",),
}
"""By what is said. does: "moves" or "is moving"; doing: "moving"; and_...: the same of the second
thing; where: "on a red background"; tag: "red background"."""

SHOW = (
    *("", "", "", "", "a video of ", "there is ", "an animation of ", "a short video of "),
    *("animation of ", "video of ", "a clip of ", "a short clip of ", "footage of ", "a film of "),
    *("a video showing ", "a cartoon of ", "beautiful video of ", "a scene with "),
)
TELL = ("", "", "", "", "a video in which ", "in this video ", "a scene where ", "we see how ")
STYLES = (
    *("cinematic", "high quality", "4k", "detailed", "beautiful", "static camera", "smooth"),
    *("camera static", "hd", "simple animation", "minimalist", "highly detailed", "realistic"),
    *("smooth motion", "sharp focus", "best quality", "flat design"),
)
ARTICLES = ("a ", "a ", "a ", "", "the ", "one ", "a single ")
BESIDE = (", next to ", " beside ", " near ", ", with ")
AND_DOES = (" and ", " while ", ", and ", ", while ", " as ")
AND_DOING = (" and ", ", ", ", and ", " with ", " beside ", ", next to ")
NAMELESS = ("shape", "object", "thing", "figure")


def words(table: object) -> Iterable[str]:
    """The lower-case words in a nest of tables."""
    if isinstance(table, str):
        yield from re.findall(r"[a-z0-9][a-z0-9-]*", re.sub(r"\{\w*\}", " ", table))
    elif isinstance(table, dict):
        yield from words(tuple(table.values()))
    elif isinstance(table, Iterable):
        for entry in table:
            yield from words(entry)


CAPTION_WORDS = tuple(
    dict.fromkeys(
        words(
            [
                *(SHAPES, COLOURS, SIZES, MOTIONS, list(FORMS), FORMS, ADVERBS, PACES, SENSES),
                *(BACKGROUNDS, TAGS, TEMPLATES, SHOW, TELL, STYLES, ARTICLES, BESIDE),
                *(AND_DOES, AND_DOING, NAMELESS, "is an"),
            ]
        )
    )
)
"""Every lower-case word in the tables."""
