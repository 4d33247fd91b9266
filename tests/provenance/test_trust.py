"""Who vouches for a signer, told apart by real certificates on real lists."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from provenance import trust_lists
from provenance.certificates import create_development_ca
from provenance.credentials import SignedAsset, TrustSettings, read
from provenance.trust_lists import TrustListError, TrustLists


@pytest.fixture(scope="module")
def root(trust: TrustSettings) -> str:
    return trust.anchors[0]


@pytest.fixture(scope="module")
def foreign_root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return create_development_ca(tmp_path_factory.mktemp("foreign")).root.read_text()


@pytest.mark.parametrize(
    ("settings", "state", "trusted_by"),
    [
        (lambda root, _: TrustSettings((root,)), "trusted", "service"),
        (lambda root, other: TrustSettings((other,), TrustLists(c2pa=root)), "trusted", "c2pa"),
        (lambda root, _: TrustSettings((), TrustLists(interim=root)), "trusted", "interim"),
        # On two lists, the first of them counts, whatever order the library has them in.
        (lambda root, _: TrustSettings((root,), TrustLists(root, root)), "trusted", "service"),
        (
            lambda root, other: TrustSettings((other,), TrustLists(root, root, root)),
            "trusted",
            "c2pa",
        ),
        # The library takes any list for one of signers: we do not.
        (lambda root, _: TrustSettings((), TrustLists(time_stamps=root)), "valid", None),
        (
            lambda root, other: TrustSettings((other,), TrustLists(other, root, other)),
            "valid",
            None,
        ),
    ],
)
def test_list_that_vouches_for_the_signer_is_named(
    signed: SignedAsset,
    root: str,
    foreign_root: str,
    settings: Callable[[str, str], TrustSettings],
    state: str,
    trusted_by: str | None,
) -> None:
    report = read(signed.path, settings(root, foreign_root))
    assert (report.state, report.trusted_by) == (state, trusted_by)
    assert ("signingCredential.trusted" in report.success) == (trusted_by is not None)
    assert ("signingCredential.untrusted" in report.failure) == (trusted_by is None)


def test_shipped_lists_hold_what_their_readme_says(tmp_path: Path) -> None:
    lists = trust_lists.load(tmp_path)
    assert len(trust_lists.certificates(lists.c2pa)) == 30
    assert len(trust_lists.certificates(lists.time_stamps)) == 22
    assert lists.interim == ""


def test_list_of_the_operators_takes_the_place_of_the_shipped_one(
    tmp_path: Path, foreign_root: str
) -> None:
    (tmp_path / "c2pa.pem").write_text(foreign_root)
    lists = trust_lists.load(tmp_path)
    assert lists.c2pa == foreign_root
    assert len(trust_lists.certificates(lists.time_stamps)) == 22
    (tmp_path / "interim.pem").write_text("<html>not found</html>")
    with pytest.raises(TrustListError, match=r"interim\.pem"):
        trust_lists.load(tmp_path)


def test_certificate_of_no_ca_is_no_list(tmp_path: Path) -> None:
    chain = create_development_ca(tmp_path).chain.read_text()
    with pytest.raises(TrustListError, match="no CA"):
        trust_lists.certificates(chain)
    with pytest.raises(TrustListError, match="bytes"):
        trust_lists.certificates(" " * (trust_lists.MAX_BYTES + 1))


def test_what_is_on_two_lists_is_left_out_of_the_second(root: str, foreign_root: str) -> None:
    left = trust_lists.without(root + "\n" + foreign_root, root)
    assert x509.load_pem_x509_certificates(left.encode()) == x509.load_pem_x509_certificates(
        foreign_root.encode()
    )
