"""Which secrets a process needs, and what it says when they are missing."""

from pathlib import Path

import pytest

from api import keyring
from api.keyring import KeyringError
from api.settings import Settings
from provenance.certificates import CertificateFiles, create_development_ca
from provenance.signers import Signer, pem_signer


@pytest.fixture
def certificates(tmp_path: Path) -> CertificateFiles:
    return create_development_ca(tmp_path / "ca")


def test_development_makes_private_files_once(settings: Settings) -> None:
    first, again = keyring.load(settings), keyring.load(settings)
    assert first.watermark_keys == again.watermark_keys
    assert first.signer.certificate_serial == again.signer.certificate_serial
    for name in ("watermark.key", "certificates/key.pem"):
        assert (settings.data_dir / name).stat().st_mode & 0o077 == 0


def test_production_makes_nothing_up(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, mode="production")
    with pytest.raises(KeyringError) as refused:
        keyring.load(settings)
    for name in (
        "SIGNET_CERTIFICATE_CHAIN",
        "SIGNET_TRUST_ANCHORS",
        "SIGNET_TIMESTAMP_URL",
        "SIGNET_WATERMARK_KEYS",
    ):
        assert name in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_several_watermark_keys_are_read(settings: Settings) -> None:
    keys = ["aa" * 32, "bb" * 32]
    loaded = keyring.load(settings.model_validate({**dict(settings), "watermark_keys": keys}))
    assert loaded.watermark_keys == (b"\xaa" * 32, b"\xbb" * 32)


@pytest.mark.parametrize("key", ["aa", "not hex"])
def test_a_weak_or_broken_watermark_key_is_refused(settings: Settings, key: str) -> None:
    with pytest.raises(KeyringError, match="SIGNET_WATERMARK_KEYS"):
        keyring.load(settings.model_validate({**dict(settings), "watermark_keys": [key]}))


@pytest.mark.parametrize("content", ["", "not hex", "ab" * 16])
def test_a_broken_key_file_is_named(settings: Settings, content: str) -> None:
    keyring.load(settings)
    (settings.data_dir / "watermark.key").write_text(content)
    with pytest.raises(KeyringError, match=r"watermark\.key is no watermark key"):
        keyring.watermark_keys(settings)


def test_production_never_takes_a_key_from_a_file_that_it_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, mode="production")
    with pytest.raises(KeyringError, match="SIGNET_WATERMARK_KEYS"):
        keyring.watermark_keys(settings)
    assert list(tmp_path.iterdir()) == []


made: list[Signer] = []


def make_signer() -> Signer:
    """What an operator would write; a KMS stands behind it."""
    return made[0]


def test_a_signer_from_the_operators_own_module(
    settings: Settings, certificates: CertificateFiles
) -> None:
    made[:] = [pem_signer(certificates.chain, certificates.key)]
    configured = settings.model_copy(
        update={"signer": f"{__name__}:make_signer", "trust_anchors": certificates.root}
    )
    assert keyring.load(configured).signer is made[0]
    for name in ("nowhere:make", f"{__name__}:nothing", "os:getcwd"):
        with pytest.raises(KeyringError, match="SIGNET_SIGNER"):
            keyring.load(configured.model_copy(update={"signer": name}))
