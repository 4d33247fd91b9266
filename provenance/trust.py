"""Whose signatures count: this service's own roots, and the published trust lists."""

from dataclasses import dataclass
from typing import Any, Literal

from cryptography import x509

from provenance.trust_lists import NO_LISTS, TrustLists, without

TrustedBy = Literal["service", "c2pa", "interim"]
"""Who vouches for a signer: this service's operator, the C2PA trust list, or the retired one."""

# Extended key usages that a claim signer may have: C2PA claim signing, document signing, e-mail
# protection. Without this list c2pa-rs calls every certificate of the C2PA trust list invalid.
SIGNER_USAGES = "1.3.6.1.4.1.62558.2.1\n1.3.6.1.5.5.7.3.36\n1.3.6.1.5.5.7.3.4"


@dataclass(frozen=True)
class TrustSettings:
    """Whose signatures count as trusted.

    `anchors` are PEM texts of this service's own roots. A root vouches for everyone it certifies,
    signers and time-stamping authorities alike, so a trusted manifest alone does not prove who
    signed: compare the certificate's serial number as well. `lists` are the published lists.

    Raises ValueError for an anchor that holds no certificate; the C2PA library would ignore it.
    """

    anchors: tuple[str, ...] = ()
    lists: TrustLists = NO_LISTS

    def __post_init__(self) -> None:
        for anchor in self.anchors:
            try:
                x509.load_pem_x509_certificates(anchor.encode())
            except ValueError as error:
                raise ValueError(f"a trust anchor is not a PEM certificate: {error}") from error

    def attempts(self) -> list[tuple[TrustedBy, dict[str, Any]]]:
        """Trust settings of the C2PA library, to be tried in turn: each list of signers by itself,
        together with the time-stamping authorities, and called by its name.

        One at a time, since the library trusts a signer whatever kind of list it finds their root
        on, and names just one. So its answer has to name the list that was asked about: a root
        that is only on the list of time-stamping authorities is no signer's.
        """
        lists: dict[TrustedBy, str] = {
            "service": "\n".join(self.anchors),
            "c2pa": self.lists.c2pa,
            "interim": self.lists.interim,
        }
        known = {name: pem for name, pem in lists.items() if pem} or {"service": ""}
        return [(name, _settings(name, pem, self.lists.time_stamps)) for name, pem in known.items()]


def _settings(name: str, signers: str, time_stamps: str) -> dict[str, Any]:
    dates = without(time_stamps, signers) if time_stamps else ""
    anchors = {name: ("manifest", signers), "time_stamps": ("tsa", dates)}
    return {
        "trust_config": SIGNER_USAGES,
        "anchors": [
            {"trust_anchors": pem, "trust_kind": kind, "trust_uri": uri}
            for uri, (kind, pem) in anchors.items()
            if pem
        ],
    }
