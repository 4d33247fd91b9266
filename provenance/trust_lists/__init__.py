"""The published lists of who may sign Content Credentials, and who may date them.

    c2pa         the C2PA trust list: CAs whose certificates a conforming product signs with
    time_stamps  the C2PA TSA trust list: roots of time-stamping authorities, no signers
    interim      the interim trust list, frozen and retired on 1 January 2026; it still tells who
                 signed older files

A copy of the first two is shipped beside this module (see README.md there); a newer one in a
folder of the operator's takes its place. The interim list states no licence, so it is only
fetched.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

ListName = Literal["c2pa", "time_stamps", "interim"]
NAMES: tuple[ListName, ...] = get_args(ListName)

_OFFICIAL = "https://raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list/"
SOURCES: dict[ListName, str] = {
    "c2pa": _OFFICIAL + "C2PA-TRUST-LIST.pem",
    "time_stamps": _OFFICIAL + "C2PA-TSA-TRUST-LIST.pem",
    "interim": "https://contentcredentials.org/trust/anchors.pem",
}
"""Where the current lists are published."""

MAX_BYTES = 2**20
"""Of one list; today's have 40 kB."""

_SHIPPED = Path(__file__).parent


class TrustListError(ValueError):
    """A text is no trust list."""


@dataclass(frozen=True)
class TrustLists:
    """PEM texts of certificates, empty where there is no such list."""

    c2pa: str = ""
    time_stamps: str = ""
    interim: str = ""


NO_LISTS = TrustLists()


def load(folder: Path) -> TrustLists:
    """Every list from `folder`, and the shipped one where `folder` has none.

    Raises TrustListError for a file that is no list, OSError for one that cannot be read.
    """
    return TrustLists(**{name: _read(path) for name in NAMES if (path := find(name, folder))})


def find(name: ListName, folder: Path) -> Path | None:
    """The file of a list: in `folder`, or the shipped one, or None."""
    paths = (path_in(folder, name), path_in(_SHIPPED, name))
    return next((path for path in paths if path.is_file()), None)


def path_in(folder: Path, name: ListName) -> Path:
    """Where `folder` keeps a list."""
    return folder / f"{name}.pem"


def certificates(text: str) -> list[x509.Certificate]:
    """The CAs of a list, comments between them left out.

    Raises TrustListError unless there is at least one, and all are certificates of CAs.
    """
    if len(text) > MAX_BYTES:
        raise TrustListError(f"a trust list of more than {MAX_BYTES} bytes")
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        authorities = [_is_authority(certificate) for certificate in found]
    except ValueError as error:
        raise TrustListError(f"no list of certificates in PEM: {error}") from error
    if not all(authorities):
        odd = found[authorities.index(False)].subject.rfc4514_string()
        raise TrustListError(f"the certificate of {odd} is no CA's")
    return found


@lru_cache
def without(text: str, others: str) -> str:
    """The PEM text of the certificates in `text` that are not in `others`."""
    known = set(x509.load_pem_x509_certificates(others.encode())) if others else set()
    kept = [found for found in x509.load_pem_x509_certificates(text.encode()) if found not in known]
    return "".join(found.public_bytes(Encoding.PEM).decode() for found in kept)


def _read(path: Path) -> str:
    text = path.read_text()
    try:
        certificates(text)
    except TrustListError as error:
        raise TrustListError(f"{path}: {error}") from error
    return text


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
