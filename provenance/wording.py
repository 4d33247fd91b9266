"""A report's sentences, each saying only what was found."""

from provenance.credential_report import CredentialReport
from provenance.generator_marks import GeneratorMark
from provenance.labels import UnsignedLabel
from provenance.media import Video
from provenance.phrases import Language, date, knows, say
from provenance.record import Record
from provenance.trust import TrustedBy
from provenance.verdict import Looks, Verdict
from provenance.watermark import Affine

_NEVER_CHECKED = (
    "edits of parts",
    "sound",
    "stored elsewhere",
    "revocation",
    "earlier credentials",
)


def not_checked(
    language: Language, *, decoded: bool = True, markable: bool = True, compared: bool = True
) -> tuple[str, ...]:
    """What nobody looked at. compared: whether looks were, wherever a record asked for it."""
    skipped = {"not decoded": decoded, "too small": markable, "looks not compared": compared}
    first = [phrase for phrase, done in skipped.items() if not done]
    return tuple(say(language, phrase) for phrase in (*first, *_NEVER_CHECKED))


def summary(
    verdict: Verdict,
    record: Record | None,
    credential: CredentialReport,
    odd: str | None = None,
    looks: Looks = "unclear",
    *,
    marked: bool = True,
    named: bool = False,
    generator_mark: GeneratorMark | None = None,
    labels: tuple[UnsignedLabel, ...] = (),
    language: Language = "en",
) -> str:
    """One sentence for a reader who knows nothing about watermarks or signatures.

    `odd` is the phrase for a mark that leads to no record, see `odd_mark`; `looks` and `marked`
    tell whether pictures and mark are the record's, `named` whether the manifest names it.
    """
    video = _video(record, language)
    match verdict:
        case "other_generator":
            if generator_mark is not None and not _says_ai(credential):
                return say(
                    language, "other_generator, open mark", generator=generator_mark.generator
                )
            partly = credential.ai is not None and credential.ai.use == "partly"
            phrase = "other_generator, partly" if partly else verdict
            return say(language, phrase, signed=_signed(credential, language))
        case "unknown":
            unmarked = odd in (None, "open mark")
            alike = "looks alike" if looks == "same" and unmarked else None
            claimed = "named alone" if named and unmarked else None
            finding = alike or claimed or odd or _label(credential, labels) or _alone(credential)
            signed = _signed(credential, language)
            return say(
                language, verdict, finding=say(language, finding, signed=signed, video=video)
            )
        case "altered" if not marked:
            return say(language, "altered, mark gone", video=video)
        case _:
            return say(language, verdict, video=video)


def _video(record: Record | None, language: Language) -> str:
    if record is None:
        return say(language, "a video")
    made = date(language, record.created_at)
    return say(language, "this video", model=record.model, date=made)


def _signed(credential: CredentialReport, language: Language) -> str:
    issuer = credential.signature_issuer or say(language, "unnamed")
    phrase = "signed by someone unknown"
    if credential.trusted_by is not None:
        phrase = _VOUCHERS[credential.trusted_by]
    return say(language, phrase, issuer=issuer)


_VOUCHERS: dict[TrustedBy, str] = {
    "service": "signed by a trusted party",
    "c2pa": "signed by a listed party",
    "interim": "signed by a formerly listed party",
}


def _says_ai(credential: CredentialReport) -> bool:
    return credential.ai_generated and credential.state in ("valid", "trusted")


def _label(credential: CredentialReport, labels: tuple[UnsignedLabel, ...]) -> str | None:
    """The phrase for metadata that alone say AI; None where a signed credential says anything."""
    uses = {label.ai_use for label in labels} - {None}
    if not uses or credential.state in ("valid", "trusted"):
        return None
    return "label, generated" if "generated" in uses else "label, partly"


def odd_mark(*, unrecorded: bool, unreadable: bool, open_mark: bool) -> str | None:
    """The phrase for a mark in the pictures which leads to no record; None when there is none."""
    if unrecorded:
        return "unrecorded mark"
    if unreadable:
        return "unreadable mark"
    return "open mark" if open_mark else None


def _alone(credential: CredentialReport) -> str:
    match credential.state:
        case "valid" | "trusted":
            if credential.ai is not None:
                return "credential says ingredient"
            return "credential says nothing"
        case "invalid":
            return "credential broken"
        case _:
            return "nothing"


def credential_changes(
    credential: CredentialReport, record: Record, language: Language = "en"
) -> tuple[str, ...]:
    """How the manifest in the file differs from the one that `record` was released with."""
    match credential.state:
        case "absent":
            return (say(language, "credential missing"),)
        case "unreadable":
            return (say(language, "credential unreadable", error=credential.error),)
    if credential.manifest_label != record.manifest_label:
        return (say(language, "credential replaced"),)
    match credential.state:
        case "invalid":
            known = [say(language, code) for code in credential.failure if knows(code)]
            codes = ", ".join(credential.failure)
            return tuple(known) or (say(language, "credential invalid", codes=codes),)
        case "valid":
            return (say(language, "signer untrusted"),)
        case _ if credential.certificate_serial != record.certificate_serial:
            return (say(language, "another certificate"),)
        case _ if credential.manifest_sha256 != record.manifest_sha256:
            return (say(language, "unsigned bytes"),)
        case _:
            return ()


def picture_changes(
    video: Video, record: Record, geometry: Affine | None, language: Language = "en"
) -> tuple[str, ...]:
    """How size, position, frame rate and length differ from what `record` says."""
    changes = (*_shape_changes(video, record, geometry), *_time_changes(video, record))
    return tuple(say(language, phrase, **values) for phrase, values in changes)


_Change = tuple[str, dict[str, object]]
"""A phrase and what to fill its places with."""


def _shape_changes(video: Video, record: Record, geometry: Affine | None) -> list[_Change]:
    before, after = f"{record.width}x{record.height}", f"{video.width}x{video.height}"
    sizes: dict[str, object] = {"before": before, "after": after}
    resized: list[_Change] = [] if before == after else [("size", sizes)]
    if geometry is None:
        return resized
    changes: list[_Change] = [("mirrored", {})] if geometry.mirrored else []
    if abs(geometry.rotation_degrees) > 0.5:
        # A turned picture's size says nothing about cropping.
        sense = "counter-clockwise" if geometry.rotation_degrees > 0 else "clockwise"
        turned: _Change = (f"turned {sense}", {"degrees": abs(geometry.rotation_degrees)})
        return [*changes, turned, *resized]
    across = geometry.scale * geometry.stretch**0.5
    down = across / geometry.stretch
    wide, high = record.width * across, record.height * down
    narrower, wider = video.width / wide < 0.98, video.width / wide > 1.02
    lower, higher = video.height / high < 0.98, video.height / high > 1.02
    stretched = abs(geometry.stretch - 1) > 0.02
    scaled = stretched or abs(geometry.scale - 1) > 0.02
    if scaled and not (narrower or wider or lower or higher):
        return [*changes, ("stretched" if stretched else "rescaled", sizes)]
    if stretched:
        changes.append(("scaled on both sides", {"across": across, "down": down}))
    elif scaled:
        changes.append(("scaled", {"scale": geometry.scale}))
    if narrower or lower:
        changes.append(("cropped", sizes))
    if wider or higher:
        changes.append(("border", sizes))
    return changes


def _time_changes(video: Video, record: Record) -> list[_Change]:
    counts: dict[str, object] = {"before": record.num_frames, "after": video.num_frames}
    if video.num_frames == 1 < record.num_frames:
        return [("single picture", counts)]
    if abs(video.fps - record.fps) < 0.01 * record.fps:
        if video.num_frames == record.num_frames:
            return []
        return [("trimmed" if video.num_frames < record.num_frames else "lengthened", counts)]
    changes: list[_Change] = [("rate", {"before": record.fps, "after": video.fps})]
    # At another rate the frame count must differ; the running time need not, up to a frame.
    before, after = record.num_frames / record.fps, video.num_frames / video.fps
    if abs(after - before) > 1 / min(record.fps, video.fps):
        changes.append(("duration", {"before": before, "after": after}))
    return changes
