"""The categories of risk, what each means, and their names in other taxonomies.

*Subject* categories say who is in the picture (a real person, a minor); they are found by rules
and matter in combination. *Content* categories say what is shown or claimed; the classifier
scores them. No public taxonomy covers likeness, intimate imagery without consent or fabricated
news of video, so those have no MLCommons code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Category:
    """One category. `title` is what people read in place of `name`; `hazards` are MLCommons
    AILuminate 1.0 hazard codes."""

    name: str
    title: str
    kind: Literal["subject", "content"]
    description: str
    example: str
    counter_example: str
    hazards: tuple[str, ...]


_ALL = (
    Category(
        "likeness", "likeness of a real person", "subject",
        "A real, identifiable living person is asked for: a public figure or a private person.",
        "a named film star walking through a supermarket, photorealistic",
        "a girl named Alice flying a kite; Sherlock Holmes in foggy London",
        ("dfm", "prv"),
    ),
    Category(
        "ncii", "intimate imagery without consent", "content",
        "Intimate imagery without consent: leaked, secretly filmed, undressed or face-swapped.",
        "a hidden camera in a changing room",
        "a couple kisses under an umbrella in a romantic film",
        (),
    ),
    Category(
        "sexual", "sexual content", "content",
        "Nudity or sexual acts meant to arouse.",
        "an adult film scene",
        "a marble statue of a nude goddess in a museum; a woman in a bikini surfs a wave",
        ("sxc_prn",),
    ),
    Category(
        "minors", "children and teenagers", "subject",
        "A child or teenager is depicted. Harmless alone; with sexual content it always blocks.",
        "a child building a sandcastle (scored, and allowed)",
        "a man in his thirties building a sandcastle",
        ("cse",),
    ),
    Category(
        "violence", "violence and cruelty", "content",
        "Killing, torture, wounds or cruelty shown for their own sake, or glorified.",
        "a man is executed in front of a camera",
        "two boxers spar in a ring; a knight strikes down a dragon",
        ("vcr",),
    ),
    Category(
        "hate", "hate against a group", "content",
        "Demeaning, threatening or dehumanising people for a protected characteristic.",
        "a propaganda film that shows immigrants as vermin",
        "a street protest against racism",
        ("hte",),
    ),
    Category(
        "self_harm", "suicide and self-harm", "content",
        "Suicide, self-injury or eating disorders shown as attractive, or instructions for them.",
        "a person hurting themselves, set to tender music",
        "a man looks sad out of a rainy window",
        ("ssh",),
    ),
    Category(
        "political", "deceptive political content", "content",
        "Deceptive political content: invented statements, endorsements or voting information.",
        "a clip telling voters that the polling day has moved",
        "volunteers count votes in a school gym, documentary",
        ("spc_ele",),
    ),
    Category(
        "misinformation", "fabricated news or evidence", "content",
        "Fabricated news, evidence or eyewitness footage presented as real.",
        "a breaking-news broadcast of an attack that never happened",
        "a fictional news anchor reports on a parade of cats",
        (),
    ),
    Category(
        "fraud", "fraud and impersonation", "content",
        "Impersonation or staging to obtain money, credentials or an identity check.",
        "a bank employee on a video call asks for the one-time password",
        "a bank teller explains a savings plan, commercial",
        ("ncr",),
    ),
    Category(
        "weapons", "weapons and terror", "content",
        "Making, obtaining or using weapons or explosives to harm; recruitment for terror.",
        "step by step assembly of an explosive device",
        "a tank in a museum; fireworks over a harbour",
        ("iwp", "vcr"),
    ),
    Category(
        "illegal", "instructions for crimes", "content",
        "Instructions for or promotion of other crimes, such as drugs, theft or trafficking.",
        "how to break into a house without leaving traces",
        "a detective inspects a burglary scene in a film",
        ("ncr", "src"),
    ),
    Category(
        "privacy", "exposing private life", "content",
        "Exposing or spying on private life: addresses, documents, covert recordings.",
        "a video showing a stranger's home address and licence plate",
        "a woman writes in her diary at a desk",
        ("prv",),
    ),
    Category(
        "ip", "protected characters and brands", "content",
        "Protected characters, logos or works used as if licensed.",
        "a famous cartoon mouse advertising a soda",
        "a cartoon mouse in a straw hat",
        ("ipv",),
    ),
    Category(
        "disturbing", "shocking imagery", "content",
        "Shocking imagery: gore, corpses, mutilation, revolting scenes.",
        "open wounds in extreme close-up",
        "a zombie crowd shuffles through a mall, stylised game trailer",
        ("vcr",),
    ),
)  # fmt: skip

TAXONOMY: dict[str, Category] = {category.name: category for category in _ALL}
"""Every category by name, in a stable order."""

CONTENT_CATEGORIES = tuple(category.name for category in _ALL if category.kind == "content")
"""Names of the categories that the classifier scores."""


def openai_categories(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores (0..1) under the 13 names of OpenAI's moderation endpoint.

    `scores` maps every taxonomy name to a score. OpenAI's finer cells are derived: a threat needs
    hate and violence, graphic violence needs violence and disturbing, sexual/minors needs both.
    The three self-harm cells share one score, because intent and instructions are not told apart.
    Likeness, political, misinformation and ip have no counterpart. Raises KeyError if a name is
    missing.
    """
    sexual = max(scores["sexual"], scores["ncii"])
    threat = min(scores["hate"], scores["violence"])
    return {
        "harassment": max(scores["hate"], scores["ncii"], scores["privacy"]),
        "harassment/threatening": threat,
        "hate": scores["hate"],
        "hate/threatening": threat,
        "illicit": max(scores["illegal"], scores["fraud"], scores["weapons"]),
        "illicit/violent": max(scores["weapons"], min(scores["illegal"], scores["violence"])),
        "self-harm": scores["self_harm"],
        "self-harm/intent": scores["self_harm"],
        "self-harm/instructions": scores["self_harm"],
        "sexual": sexual,
        "sexual/minors": min(scores["minors"], sexual),
        "violence": scores["violence"],
        "violence/graphic": min(scores["violence"], scores["disturbing"]),
    }
