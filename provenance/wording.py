"""A report's sentences, in plain English, each saying only what was found."""

from provenance.credential_report import CredentialReport
from provenance.generator_marks import GeneratorMark
from provenance.labels import UnsignedLabel
from provenance.media import Video
from provenance.record import Record
from provenance.trust import TrustedBy
from provenance.verdict import Verdict
from provenance.watermark import Affine

_NOT_AUTHENTICITY = "this is not evidence that the video is authentic"

NOT_DECODED = "pictures: the file could not be decoded"
TOO_SMALL = "invisible marks: the picture is too small to carry one"
NOT_CHECKED = (
    "perceptual fingerprint: not compared, so a mark pasted onto foreign pictures cannot be told "
    "from an altered original",
    "order of the frames and edits of parts of the picture: a reversed or partly overpainted copy "
    "still carries the mark",
    "sound: only the pictures are marked",
    "manifests stored elsewhere: never fetched",
    "revocation of signing certificates: not looked up",
    "earlier Content Credentials that the newest one builds on: not judged",
)


def summary(
    verdict: Verdict,
    record: Record | None,
    credential: CredentialReport,
    mark: str | None = None,
    generator_mark: GeneratorMark | None = None,
    labels: tuple[UnsignedLabel, ...] = (),
) -> str:
    """One sentence for a reader who knows nothing about watermarks or signatures.

    `mark` words what is odd about a mark that points to no record; see `odd_mark`.
    """
    video = "an AI-generated video of this service"
    if record is not None:
        made = f"{record.created_at.day} {record.created_at:%B %Y}"
        video = f"an AI-generated video that this service made with {record.model} on {made}"
    match verdict:
        case "authentic":
            return f"This file is {video}, unchanged since its release."
        case "altered":
            return (
                f"The picture carries the invisible mark of {video}, but the Content Credential "
                "that it was released with is missing or no longer holds."
            )
        case "partial":
            return (
                f"Only some parts of this video carry the invisible mark of {video}; "
                "the timeline shows which."
            )
        case "transplanted":
            return (
                f"The Content Credential in this file names {video}, but the picture does not "
                "carry that video's mark: suspected forgery."
            )
        case "conflicting":
            return (
                "The Content Credential and the invisible mark in this file point to different "
                "videos, so at least one of them was put there by somebody else."
            )
        case "other_generator":
            if generator_mark is not None and not _says_ai(credential):
                return (
                    f"The picture carries the open mark of {generator_mark.generator}, which says "
                    "that it is AI-generated; anyone can write that mark."
                )
            return f"A Content Credential {_signed(credential)} says that {_made(credential)}."
        case "unreadable":
            return "This file could not be decoded as a video, so its pictures were not examined."
        case "unknown":
            found = mark or _label(credential, labels) or _credential_alone(credential)
            return f"{found}; {_NOT_AUTHENTICITY}."


def _signed(credential: CredentialReport) -> str:
    issuer = credential.signature_issuer or "an unnamed party"
    if credential.trusted_by is not None:
        return f"signed by “{issuer}”, {_VOUCHERS[credential.trusted_by]},"
    return f"signed by someone unknown who goes by “{issuer}”"


_VOUCHERS: dict[TrustedBy, str] = {
    "service": "a trusted party",
    "c2pa": "a party on the C2PA trust list",
    "interim": "a party on the trust list that the C2PA retired in January 2026",
}


def _says_ai(credential: CredentialReport) -> bool:
    return credential.ai_generated and credential.state in ("valid", "trusted")


def _label(credential: CredentialReport, labels: tuple[UnsignedLabel, ...]) -> str | None:
    """The finding that only the metadata says AI; None where a signed credential says anything."""
    uses = {label.ai_use for label in labels} - {None}
    if not uses or credential.state in ("valid", "trusted"):
        return None
    said = "is" if "generated" in uses else "is or may be partly"
    return (
        f"A label in the file's metadata says that this {said} AI-generated; nobody signed it, and "
        "anyone can write or remove such a label"
    )


def _made(credential: CredentialReport) -> str:
    if credential.ai is not None and credential.ai.use == "partly":
        return "AI made or changed at least parts of this"
    return "this is AI-generated"


def odd_mark(*, unrecorded: bool, unreadable: bool, open_mark: bool) -> str | None:
    """The finding that pictures carry a mark which leads to no record; None when there is none."""
    if unrecorded:
        return (
            "The picture carries an invisible mark of this service, but no record tells which "
            "video it belongs to"
        )
    if unreadable:
        return "The picture carries remains of an invisible mark of this service, unreadable by now"
    if open_mark:
        return (
            "The picture carries only the open mark of this software, which anyone can copy or "
            "write"
        )
    return None


def _credential_alone(credential: CredentialReport) -> str:
    match credential.state:
        case "valid" | "trusted":
            said = "does not say that this is AI-generated"
            if credential.ai is not None:
                said = "says that something AI-generated went into this, not that all of it is"
            return (
                f"A Content Credential {_signed(credential)} {said}, and no mark of this service "
                "was found"
            )
        case "invalid":
            return "The Content Credential in this file is broken, and no mark was found"
        case _:
            return "Neither a mark of this service nor a readable Content Credential was found"


def credential_changes(credential: CredentialReport, record: Record) -> tuple[str, ...]:
    """How the manifest in the file differs from the one that `record` was released with."""
    match credential.state:
        case "absent":
            return ("re-encoded or container rewritten, Content Credential missing",)
        case "unreadable":
            return (f"Content Credential cannot be read: {credential.error}",)
    if credential.manifest_label != record.manifest_label:
        return ("Content Credential replaced by one that was not issued for this video",)
    match credential.state:
        case "invalid":
            known = [_FAILURES[code] for code in credential.failure if code in _FAILURES]
            codes = ", ".join(credential.failure)
            return tuple(known) or (f"Content Credential is invalid: {codes}",)
        case "valid":
            return ("Content Credential signed by someone who is not trusted",)
        case _ if credential.certificate_serial != record.certificate_serial:
            return ("Content Credential signed with another certificate than the original",)
        case _:
            return ()


_FAILURES = {
    "assertion.bmffHash.mismatch": "file changed after it was signed",
    "claimSignature.mismatch": "signature of the Content Credential is broken",
    "signingCredential.expired": "signing certificate expired, without a trusted time stamp",
}


def picture_changes(video: Video, record: Record, geometry: Affine | None) -> tuple[str, ...]:
    """How size, position, frame rate and length differ from what `record` says."""
    return (*_shape_changes(video, record, geometry), *_time_changes(video, record))


def _shape_changes(video: Video, record: Record, geometry: Affine | None) -> list[str]:
    before, after = f"{record.width}x{record.height}", f"{video.width}x{video.height}"
    if geometry is None:
        return [] if before == after else [f"picture size changed from {before} to {after}"]
    changes = ["mirrored left to right"] if geometry.mirrored else []
    if abs(geometry.rotation_degrees) > 0.5:
        # A turned picture's size says nothing about cropping.
        sense = "counter-clockwise" if geometry.rotation_degrees > 0 else "clockwise"
        turned = f"turned by {abs(geometry.rotation_degrees):.0f} degrees {sense}"
        resized = [] if before == after else [f"picture size changed from {before} to {after}"]
        return [*changes, turned, *resized]
    across = geometry.scale * geometry.stretch**0.5
    down = across / geometry.stretch
    wide, high = record.width * across, record.height * down
    narrower, wider = video.width / wide < 0.98, video.width / wide > 1.02
    lower, higher = video.height / high < 0.98, video.height / high > 1.02
    stretched = abs(geometry.stretch - 1) > 0.02
    scaled = stretched or abs(geometry.scale - 1) > 0.02
    if scaled and not (narrower or wider or lower or higher):
        how = "stretched" if stretched else "rescaled"
        return [*changes, f"{how} from {before} to {after}"]
    if stretched:
        changes.append(f"picture scaled to {across:.0%} of its width, {down:.0%} of its height")
    elif scaled:
        changes.append(f"picture scaled to {geometry.scale:.0%}")
    if narrower or lower:
        changes.append(f"cropped to {after}")
    if wider or higher:
        changes.append(f"border added, now {after}")
    return changes


def _time_changes(video: Video, record: Record) -> list[str]:
    if video.num_frames == 1 < record.num_frames:
        return [f"a single picture out of {record.num_frames} frames"]
    if abs(video.fps - record.fps) < 0.01 * record.fps:
        if video.num_frames == record.num_frames:
            return []
        word = "trimmed" if video.num_frames < record.num_frames else "lengthened"
        return [f"{word} from {record.num_frames} to {video.num_frames} frames"]
    changes = [f"frame rate changed from {record.fps:g} to {video.fps:g}"]
    # At another rate the frame count must differ; the running time need not, up to a frame.
    before, after = record.num_frames / record.fps, video.num_frames / video.fps
    if abs(after - before) > 1 / min(record.fps, video.fps):
        changes.append(f"running time changed from {before:.1f} to {after:.1f} s")
    return changes
