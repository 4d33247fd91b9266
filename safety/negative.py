"""What a negative prompt asks for.

A negative prompt lists what to avoid, and the usual lists name harmful things ("nudity, gore").
Those words are dropped before the rest is judged like a prompt. The opposite trick, asking for a
person and pushing clothes away, is a sexual request.
"""

import re

_AVOIDED = re.compile(
    r"\b(?:nsfw|nude|nudes|nudity|naked|sexual|sexual content|sexy|explicit|porn|pornography|gore"
    r"|gory|blood|bloody|violence|violent|weapons?|guns?|corpses?|dead bod(?:y|ies)|horror|creepy"
    r"|disturbing|scary|hate|hateful|racist|racism|drugs?|injur(?:y|ies)|wounds?|deformed"
    r"|disfigured|mutilated|mutilation|mutation|mutated|ugly|amputation|amputee|dismembered"
    r"|missing limbs?|extra limbs?|severed|cropped|bad anatomy|child|children|kids?)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"[^,;\n]+")
_LONGEST_AVOIDED_ITEM = 4
_UNDRESSING = re.compile(
    r"(?:^|[,;\n])\s*(?:any |all |wearing )?"
    r"(?:clothes|clothing|clothed|dressed|underwear|bra|garments?|outfits?)\s*(?=$|[,;\n])",
    re.IGNORECASE,
)


def without_avoided(negative_prompt: str) -> str:
    """The text with short list items that only name something to avoid blanked out.

    Blanked with spaces, so that positions stay those of the original text.
    """

    def blank(item: re.Match[str]) -> str:
        short = len(item.group().split()) <= _LONGEST_AVOIDED_ITEM
        return " " * len(item.group()) if short and _AVOIDED.search(item.group()) else item.group()

    return _ITEM.sub(blank, negative_prompt)


def undressing_spans(negative_prompt: str) -> list[tuple[int, int]]:
    """Where a negative prompt pushes clothes away."""
    return [match.span() for match in _UNDRESSING.finditer(negative_prompt)]
