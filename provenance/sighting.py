"""Videos of this service that pictures show, found without a mark or a manifest."""

from dataclasses import dataclass

from provenance.fingerprint import Match, Query, compare
from provenance.record import Record, Registry


@dataclass(frozen=True)
class Sighting:
    """A recorded video, and how much of it was seen."""

    record: Record
    match: Match


def find(query: Query, registry: Registry) -> list[Sighting]:
    """The recorded videos that the query shows, the most similar first."""
    found = []
    for record in registry.by_pictures(query):
        stored = registry.fingerprint_of(record.video_id)
        if stored is not None and (match := compare(query, stored)).agrees:
            found.append(Sighting(record, match))
    return sorted(found, key=lambda sighting: sighting.match.rank, reverse=True)
