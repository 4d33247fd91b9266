"""What a manifest says about AI: that it made all of this, a part, or something this was made of.

Section numbers are those of C2PA 2.4. As in `credential_report`, the input is a stranger's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from provenance.strangers import get, items, text

AiUse = Literal["generated", "partly", "ingredient"]
"""generated   AI made the whole
partly      AI made or changed some of it, or it is not said how much
ingredient  something made with AI went into it, and what was made of that is not said to be AI's
"""

_USES: tuple[AiUse, ...] = get_args(AiUse)

# https://cv.iptc.org/newscodes/digitalsourcetype/ and, for data, §18.15: what a source type says.
# Synthetic media without training (algorithmicMedia) are no AI's; a synthetic composite counts
# with the C2PA's own conformance rubric.
_GENERATED = frozenset({"trainedAlgorithmicMedia", "trainedAlgorithmicData"})
_PARTLY = frozenset({"compositeWithTrainedAlgorithmicMedia", "compositeSynthetic"})
_VOCABULARIES = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/",
    "https://cv.iptc.org/newscodes/digitalsourcetype/",
    "http://c2pa.org/digitalsourcetype/",
    "digsrctype:",
    "",
)

# Actions after which the content is still the same (C2PA conformance rubrics, globals-actions.yml).
_SAME_CONTENT = frozenset(
    {
        "c2pa.opened",
        "c2pa.converted",
        "c2pa.published",
        "c2pa.repackaged",
        "c2pa.transcoded",
        "c2pa.resized.proportional",
        "c2pa.enhanced",
        "c2pa.edited.metadata",
        "c2pa.watermarked",
        "c2pa.watermarked.bound",
        "c2pa.watermarked.unbound",
        "c2pa.redacted",
    }
)
_METADATA = ("c2pa.metadata", "cawg.metadata", "stds.iptc", "stds.iptc.photo-metadata")
_MODEL_ALONE = ("fully_autonomous", "prompt_guided")
_DEEPEST = 8  # chains of ingredients are short; a manifest may name itself


@dataclass(frozen=True)
class AiStatement:
    """What is said about AI, where it is said, and the tool or model that is named, if any.

    `said_in` is the action (`c2pa.created`), the assertion (`c2pa.ai-disclosure`), or `ingredient`
    where only something that this was made from says so.
    """

    use: AiUse
    said_in: str
    tool: str | None = None


def ai_use(source_type: str | None) -> AiUse | None:
    """What a digital source type says about AI: a URI of IPTC or C2PA, or its last part."""
    for vocabulary in _VOCABULARIES:
        term = (source_type or "").strip().removeprefix(vocabulary)
        if term in _GENERATED:
            return "generated"
        if term in _PARTLY:
            return "partly"
    return None


def ai_statement(store: Any) -> AiStatement | None:
    """The strongest thing that a manifest store's active manifest says; None if it says nothing."""
    return _History(store).of(get(store, "active_manifest"), 0)


def assertions(manifest: Any, label: str) -> Iterator[Any]:
    """Data of the assertions called `label`, in any version (`.v2`) and instance (`__1`)."""
    for assertion in items(get(manifest, "assertions")):
        name = str(get(assertion, "label")).split("__")[0]
        if name == label or name.startswith(f"{label}.v"):
            yield get(assertion, "data")


def actions(manifest: Any) -> list[Any]:
    """All actions of a manifest, §18.15."""
    lists = [items(get(found, "actions")) for found in assertions(manifest, "c2pa.actions")]
    return [action for found in lists for action in found]


def metadata_source_types(manifest: Any) -> Iterator[str]:
    """Digital source types in a manifest's metadata assertions."""
    for label in _METADATA:
        for metadata in assertions(manifest, label):
            if source := text(get(metadata, "Iptc4xmpExt:DigitalSourceType")):
                yield source


class _History:
    """The manifests of a store, each looked at once: they may name each other in circles."""

    def __init__(self, store: Any) -> None:
        self._manifests = get(store, "manifests")
        self._holds = _ingredients_hold(store)
        self._seen: dict[str, AiStatement | None] = {}

    def of(self, label: Any, depth: int) -> AiStatement | None:
        """What the manifest called `label` says, or what it was made from says."""
        if not isinstance(label, str) or depth > _DEEPEST:
            return None
        if label not in self._seen:
            self._seen[label] = None
            manifest = get(self._manifests, label)
            statements = [*_own(manifest), *self._inherited(manifest, depth)]
            self._seen[label] = min(
                statements, key=lambda said: _USES.index(said.use), default=None
            )
        return self._seen[label]

    def _inherited(self, manifest: Any, depth: int) -> Iterator[AiStatement]:
        """What ingredients say. A copy of one that keeps the content (another encoding, say) is
        what that one was; anything else that was made of it is not."""
        names = [text(get(action, "action")) for action in actions(manifest)]
        same = self._holds and bool(names) and all(name in _SAME_CONTENT for name in names)
        for ingredient in items(get(manifest, "ingredients")):
            said = self.of(get(ingredient, "active_manifest"), depth + 1)
            if said is not None:
                copied = same and get(ingredient, "relationship") == "parentOf"
                yield AiStatement(said.use if copied else "ingredient", "ingredient", said.tool)


def _own(manifest: Any) -> Iterator[AiStatement]:
    for action in actions(manifest):
        name = text(get(action, "action")) or ""
        use = ai_use(text(get(action, "digitalSourceType")))
        if use == "generated" and name != "c2pa.created" and name not in _SAME_CONTENT:
            use = "partly"  # what this step added is AI's, such as a generative fill
        if use:
            yield AiStatement(use, name, _tool(get(action, "softwareAgent")))
    for disclosure in assertions(manifest, "c2pa.ai-disclosure"):
        alone = get(disclosure, "contentProfile", "humanOversightLevel") in _MODEL_ALONE
        model = text(get(disclosure, "modelName"))
        yield AiStatement("generated" if alone else "partly", "c2pa.ai-disclosure", model)
    for source in metadata_source_types(manifest):
        if use := ai_use(source):
            yield AiStatement(use, "c2pa.metadata")


def _ingredients_hold(store: Any) -> bool:
    """Whether all that is wrong with the ingredients' manifests is that nobody knows the signer."""
    deltas = items(get(store, "validation_results", "ingredientDeltas"))
    failures = [
        get(failure, "code")
        for delta in deltas
        for failure in items(get(delta, "validationDeltas", "failure"))
    ]
    return all(code == "signingCredential.untrusted" for code in failures)


def _tool(agent: Any) -> str | None:
    """Name and version of the software (actions v2), or the free text of v1."""
    name, version = text(get(agent, "name")), text(get(agent, "version"))
    return text(agent) if name is None else f"{name} {version}" if version else name
