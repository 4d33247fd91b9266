from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from provenance.credential_report import CredentialState
from provenance.verdict import Looks, Signals, Verdict, decide

A, B = frozenset({"video_a"}), frozenset({"video_b"})
NOBODY: frozenset[str] = frozenset()

# One group per row of the table in `decide`.
ROWS: list[tuple[int, Signals, Verdict]] = [
    # 1: the pictures cannot be decoded, whatever the manifest says
    (1, Signals(decodable=False), "unreadable"),
    (1, Signals(False, "trusted", "video_a", True, True), "unreadable"),
    # 2: the manifest names a record, and every mark read is another's
    (2, Signals(True, "trusted", "video_a", True, True, B, whole=True), "conflicting"),
    (2, Signals(True, "valid", "video_a", False, True, B, whole=True), "conflicting"),
    (2, Signals(True, "invalid", "video_a", False, True, B), "conflicting"),
    (2, Signals(True, "trusted", "video_a", True, True, unrecorded_mark=True), "conflicting"),
    # 3: mark or manifest leads to a record of other pictures
    (3, Signals(mark_records=A, whole=True, looks="other"), "transplanted"),
    (3, Signals(mark_records=A, looks="other"), "transplanted"),
    (3, Signals(True, "valid", "video_a", False, True, looks="other"), "transplanted"),
    (
        3,
        Signals(True, "trusted", "video_a", True, True, A, whole=True, looks="other"),
        "transplanted",
    ),
    # 4: our signature is intact, and the only mark is of the same record
    (4, Signals(True, "trusted", "video_a", True, True, A, whole=True), "authentic"),
    (4, Signals(True, "trusted", "video_a", True, True, A, whole=False), "authentic"),
    (4, Signals(True, "trusted", "video_a", True, True, A, unreadable_mark=True), "authentic"),
    # 5: a record's mark, in every frame and over the whole picture
    (5, Signals(mark_records=A, whole=True), "altered"),
    (5, Signals(True, "unreadable", mark_records=A, whole=True), "altered"),
    (5, Signals(True, "invalid", "video_a", False, True, A, whole=True), "altered"),
    (5, Signals(True, "valid", "video_a", False, True, A, whole=True), "altered"),
    # ... a trusted party other than us has put our label on a copy
    (5, Signals(True, "trusted", "video_a", False, True, A, whole=True), "altered"),
    (5, Signals(True, "trusted", None, False, True, A, whole=True), "altered"),
    # 6: a record's mark, but not everywhere
    (6, Signals(mark_records=A), "partial"),
    (6, Signals(mark_records=A | B), "partial"),
    (6, Signals(mark_records=A, unrecorded_mark=True), "partial"),
    (6, Signals(True, "invalid", "video_a", False, True, A), "partial"),
    (6, Signals(True, "trusted", "video_a", True, True, A | B), "partial"),
    (6, Signals(True, "trusted", "video_a", True, True, A, unrecorded_mark=True), "partial"),
    # 7: no id was read, but manifest or remains of our mark, and the same pictures
    (7, Signals(True, "invalid", "video_a", False, True, looks="same"), "altered"),
    (7, Signals(True, "trusted", "video_a", True, True, looks="same"), "altered"),
    (7, Signals(unreadable_mark=True, looks="same"), "altered"),
    # 8: the manifest names a record, and nothing else tells of which video the pictures are
    (8, Signals(True, "invalid", "video_a", False, True), "unknown"),
    (8, Signals(True, "valid", "video_a", False, True), "unknown"),
    (8, Signals(True, "trusted", "video_a", True, True), "unknown"),
    (8, Signals(True, "invalid", "video_a", False, True, unreadable_mark=True), "unknown"),
    (8, Signals(True, "valid", "video_a", False, True, generator_mark=True), "unknown"),
    # 9: an intact manifest of someone else says AI-generated
    (9, Signals(True, "valid", None, False, True), "other_generator"),
    (9, Signals(True, "trusted", None, False, True), "other_generator"),
    (9, Signals(True, "trusted", None, False, True, unrecorded_mark=True), "other_generator"),
    # ... or the pictures carry the open mark of another generator
    (9, Signals(generator_mark=True), "other_generator"),
    (9, Signals(True, "invalid", None, False, True, generator_mark=True), "other_generator"),
    # 10: anything else
    (10, Signals(), "unknown"),
    (10, Signals(looks="same"), "unknown"),
    (10, Signals(unrecorded_mark=True, whole=True, looks="same"), "unknown"),
    (10, Signals(True, "unreadable"), "unknown"),
    (10, Signals(True, "invalid", None, False, True), "unknown"),
    (10, Signals(True, "trusted", None, False, False), "unknown"),
    (10, Signals(unrecorded_mark=True, whole=True), "unknown"),
    (10, Signals(unreadable_mark=True), "unknown"),
]


@pytest.mark.parametrize(("row", "signals", "verdict"), ROWS)
def test_decision_table(row: int, signals: Signals, verdict: Verdict) -> None:
    assert decide(signals) == verdict


def test_every_verdict_has_a_row() -> None:
    assert {verdict for _, _, verdict in ROWS} == set(get_args(Verdict))
    assert {row for row, _, _ in ROWS} == set(range(1, 11))


def every_signal() -> list[Signals]:
    flags = (False, True)
    combinations = product(
        flags,
        get_args(CredentialState),
        (None, "video_a"),
        flags,
        flags,
        (NOBODY, A, B, A | B),
        flags,
        flags,
        flags,
        flags,
        get_args(Looks),
    )
    return [Signals(*values) for values in combinations]


def test_authentic_needs_our_signature_and_the_mark_of_the_same_record() -> None:
    authentic = [signals for signals in every_signal() if decide(signals) == "authentic"]
    assert authentic
    for signals in authentic:
        assert signals.decodable
        assert signals.signed_by_us
        assert signals.mark_records == {signals.credential_record}
        assert not signals.unrecorded_mark


def test_nothing_that_a_stranger_can_write_alone_names_our_record_as_altered() -> None:
    """Without a mark's id, only two signals that agree say that the pictures came from here."""
    for signals in every_signal():
        if not signals.mark_records:
            verdict = decide(signals)
            assert verdict not in ("authentic", "partial")
            if verdict == "altered":
                assert signals.looks == "same"
                assert signals.credential_record is not None or signals.unreadable_mark


def test_looks_alone_never_decide() -> None:
    for looks in get_args(Looks):
        assert decide(Signals(looks=looks)) == "unknown"


def test_other_pictures_are_never_taken_for_the_records() -> None:
    for signals in every_signal():
        if signals.looks == "other":
            assert decide(signals) not in ("authentic", "altered", "partial")


def test_nobody_is_accused_of_what_was_only_not_found() -> None:
    """`transplanted` and `conflicting` rest on pictures that differ, or on a mark that was read."""
    for signals in every_signal():
        if decide(signals) == "transplanted":
            assert signals.looks == "other"
        if decide(signals) == "conflicting":
            assert signals.mark_records or signals.unrecorded_mark


def test_a_record_that_a_mark_leads_to_is_never_kept_back() -> None:
    for signals in every_signal():
        if signals.decodable and signals.mark_records:
            assert decide(signals) not in ("unknown", "other_generator")


def test_the_documented_table_is_the_one_in_the_code() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text()
    assert _table(documented) == _table(decide.__doc__ or "")


def _table(text: str) -> list[tuple[str, str, str]]:
    """Row, condition and verdict; a row without a number goes on with the one before."""
    rows: list[tuple[str, str, str]] = []
    for line in text.splitlines():
        row, when, verdict = ([cell.strip(" `") for cell in line.split("|")[1:4]] + [""] * 3)[:3]
        if row.isdecimal():
            rows.append((row, when, verdict))
        elif rows and line.strip().startswith("|  ") and not row:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {when}", rows[-1][2])
    return [row for row in rows if row[2] in get_args(Verdict)]
