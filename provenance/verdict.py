"""The decision: from independent signals to one verdict, as a pure function."""

from dataclasses import dataclass
from typing import Literal

from provenance.credential_report import CredentialState

Verdict = Literal[
    "authentic",
    "altered",
    "partial",
    "transplanted",
    "conflicting",
    "other_generator",
    "unknown",
    "unreadable",
]
Looks = Literal["same", "other", "unclear"]
"""What a fingerprint says of two videos; unclear also where there is none to compare with."""


@dataclass(frozen=True)
class Signals:
    """What was found in a file, reduced to what the verdict depends on.

    decodable          the pictures could be decoded
    credential         state of the manifest in the file
    credential_record  video id of the record that the manifest's label names; anyone can write
                       any label, so this alone is a claim and no evidence
    signed_by_us       the manifest is trusted, was signed with the certificate of that record and
                       is that of its release, byte for byte
    ai_generated       the manifest says that the content is AI-generated
    mark_records       video ids of the records whose marks the pictures carry
    unrecorded_mark    some pictures carry a mark of our key whose id no record knows
    unreadable_mark    some pictures carry a mark of our key whose id cannot be read any more
    whole              every frame carries a mark over the whole picture, and only one id was read
    generator_mark     the pictures carry another generator's open mark, which anyone can write
    looks              whether the pictures are those of the records that mark and manifest lead to;
                       with no such record, `same` means that they look like some record's
    """

    decodable: bool = True
    credential: CredentialState = "absent"
    credential_record: str | None = None
    signed_by_us: bool = False
    ai_generated: bool = False
    mark_records: frozenset[str] = frozenset()
    unrecorded_mark: bool = False
    unreadable_mark: bool = False
    whole: bool = False
    generator_mark: bool = False
    looks: Looks = "unclear"


def decide(signals: Signals) -> Verdict:
    """The first row that applies:

    | row | when                                                             | verdict         |
    |-----|------------------------------------------------------------------|-----------------|
    | 1   | the pictures cannot be decoded                                   | unreadable      |
    | 2   | the manifest names a record, and every mark read is another's    | conflicting     |
    | 3   | mark or manifest leads to a record of other pictures             | transplanted    |
    | 4   | our signature is intact, and the only mark is of the same record | authentic       |
    | 5   | a record's mark, in every frame and over the whole picture       | altered         |
    | 6   | a record's mark, but not everywhere                              | partial         |
    | 7   | no id was read, but the manifest names a record of the same      | altered         |
    |     | pictures, or there are remains of our mark and a record of such  |                 |
    | 8   | the manifest names a record, and nothing else tells of which     | unknown         |
    |     | video the pictures are                                           |                 |
    | 9   | an intact manifest of someone else says AI-generated, or the     | other_generator |
    |     | pictures carry the open mark of another generator                |                 |
    | 10  | anything else                                                    | unknown         |

    Row 3 is what a pasted mark looks like. It comes before row 4, which a forger who holds our key
    could reach. Row 4 comes before row 6: an intact signature binds every byte, so a frame too dark
    to hold a mark is no splice. In rows 4 to 6 the pictures are the record's, or there is nothing
    to compare them with: the video was deleted, or they are too flat. Row 8 accuses nobody: whoever
    reads no mark may only have failed to, and has nothing to compare with. It covers an intact
    signature of ours as well, which may be checked without the watermark key of its time.
    A mark whose id is unknown tells nothing about one particular video. Nor does it prove anything
    that pictures look like a record's: among millions of videos some look alike by chance, and
    anyone can film a scene again. Alone, both fall through to row 10. So do labels in the metadata
    that nobody signed, and a manifest that calls an ingredient alone AI's.
    """
    if not signals.decodable:
        return "unreadable"
    named = signals.credential_record
    id_read = bool(signals.mark_records) or signals.unrecorded_mark
    if named is not None and id_read and named not in signals.mark_records:
        return "conflicting"
    if signals.looks == "other" and (signals.mark_records or named is not None):
        return "transplanted"
    if signals.signed_by_us and signals.mark_records == {named} and not signals.unrecorded_mark:
        return "authentic"
    if signals.mark_records:
        return "altered" if signals.whole else "partial"
    if signals.looks == "same" and (named is not None or signals.unreadable_mark) and not id_read:
        return "altered"
    if named is not None:
        return "unknown"
    ai_credential = signals.ai_generated and signals.credential in ("valid", "trusted")
    if ai_credential or signals.generator_mark:
        return "other_generator"
    return "unknown"
