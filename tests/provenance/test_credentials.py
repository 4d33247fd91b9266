import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import av
import c2pa
import pytest

from provenance.ai_statement import AiStatement
from provenance.certificates import create_development_ca
from provenance.credentials import (
    Claim,
    SignedAsset,
    SigningError,
    SoftBinding,
    TrustSettings,
    new_manifest_label,
    read,
    sign,
)
from provenance.signers import Signer, pem_signer

ClaimMaker = Callable[..., Claim]


def active_manifest(path: Path) -> dict[str, object]:
    """The manifest as the C2PA library itself prints it."""
    with path.open("rb") as file, c2pa.Reader("video/mp4", file) as reader:
        return reader.get_active_manifest()


@pytest.mark.parametrize("algorithm", ["es256", "ed25519"])
def test_signed_file_is_trusted_under_our_root_and_only_valid_without(
    tmp_path: Path, plain_video: Path, make_claim: ClaimMaker, algorithm: str
) -> None:
    files = create_development_ca(tmp_path / "ca", algorithm=algorithm)
    signer = pem_signer(files.chain, files.key)
    asset = sign(plain_video, tmp_path / "signed.mp4", make_claim(), signer)

    trusted = read(asset.path, TrustSettings((files.root.read_text(),)))
    assert (trusted.state, trusted.failure, trusted.error) == ("trusted", (), None)
    assert {"signingCredential.trusted", "assertion.bmffHash.match"} <= set(trusted.success)
    unknown = read(asset.path, TrustSettings())
    assert (unknown.state, unknown.failure) == ("valid", ("signingCredential.untrusted",))


def test_report_repeats_what_was_claimed(
    tmp_path: Path,
    plain_video: Path,
    make_claim: ClaimMaker,
    signer: Signer,
    trust: TrustSettings,
) -> None:
    claim = make_claim()
    asset = sign(plain_video, tmp_path / "signed.mp4", claim, signer)
    report = read(asset.path, trust)
    assert report.manifest_label == asset.manifest_label == claim.manifest_label
    assert report.manifest_sha256 == hashlib.sha256(asset.manifest).hexdigest()
    assert report.certificate_serial == asset.certificate_serial == signer.certificate_serial
    assert report.claim_generator == "Signet 0.1.0"
    assert report.signature_issuer == "Signet Development CA - do not trust"
    assert report.ai_generated
    assert report.ai == AiStatement("generated", "c2pa.created", "CogVideoX 2b")
    assert report.trusted_by == "service"
    assert report.digital_source_type is not None
    assert report.digital_source_type.endswith("/digitalsourcetype/trainedAlgorithmicMedia")
    assert report.soft_bindings == (
        SoftBinding("org.signet-video.tile.1", bytes.fromhex("0123456789abcdef")),
    )
    assert report.time_stamp is None


def test_asset_names_the_bytes_on_disk(signed: SignedAsset) -> None:
    content = signed.path.read_bytes()
    assert signed.sha256 == hashlib.sha256(content).hexdigest()
    assert signed.manifest in content


def test_manifest_states_model_mark_and_disclosure(signed: SignedAsset) -> None:
    manifest = active_manifest(signed.path)
    assertions = {item["label"]: item for item in manifest["assertions"]}
    actions = assertions["c2pa.actions.v2"]
    assert manifest["claim_version"] == 2
    assert actions["created"]
    assert actions["data"]["allActionsIncluded"]
    created, bound = actions["data"]["actions"]
    assert created["action"] == "c2pa.created"
    assert created["when"] == "2026-11-22T12:30:00Z"
    assert created["softwareAgent"] == {"name": "CogVideoX", "version": "2b"}
    assert bound["action"] == "c2pa.watermarked.bound"
    span = assertions["c2pa.soft-binding"]["data"]["blocks"][0]["scope"]["timespan"]
    assert span == {"start": 0, "end": 1125}
    disclosure = assertions["c2pa.ai-disclosure"]["data"]
    assert disclosure["modelIdentifier"] == "zai-org/CogVideoX-2b"
    mining = assertions["cawg.training-mining"]["data"]["entries"]
    assert mining["cawg.ai_generative_training"]["use"] == "notAllowed"
    assert "dc:created" not in assertions["c2pa.metadata"]["data"]
    published = assertions["cawg.metadata"]["data"]
    assert published["dc:publisher"] == ["Example Ltd"]
    assert published["Iptc4xmpExt:AISystemUsed"] == "CogVideoX"
    assert published["Iptc4xmpExt:AISystemVersionUsed"] == "2b"


def test_upscale_and_label_are_stated_and_keep_the_file_trusted(
    tmp_path: Path,
    plain_video: Path,
    make_claim: ClaimMaker,
    signer: Signer,
    trust: TrustSettings,
) -> None:
    claim = make_claim(upscaled_from=(64, 48), visible_label="AI-generated")
    asset = sign(plain_video, tmp_path / "signed.mp4", claim, signer)
    assert read(asset.path, trust).state == "trusted"
    actions = active_manifest(asset.path)["assertions"][0]["data"]["actions"]
    assert [action["action"] for action in actions] == [
        "c2pa.created",
        "c2pa.resized",
        "c2pa.addedText",
        "c2pa.watermarked.bound",
    ]
    assert actions[1]["description"] == "Upscaled from 64x48"
    assert actions[2]["description"] == "Visible label: AI-generated"


def test_pictures_are_untouched(plain_video: Path, signed: SignedAsset) -> None:
    def frames(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [frame.to_ndarray(format="rgb24").tobytes() for frame in container.decode()]

    assert frames(signed.path) == frames(plain_video)


def test_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, make_claim: ClaimMaker, signer: Signer
) -> None:
    source, target = tmp_path / "text.mp4", tmp_path / "signed.mp4"
    source.write_text("no video at all")
    target.write_text("what was here before")
    with pytest.raises(SigningError):
        sign(source, target, make_claim(), signer)
    assert target.read_text() == "what was here before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signed.mp4", "text.mp4"]


@pytest.mark.parametrize(
    "fields",
    [
        {"manifest_label": "video_123"},
        {"manifest_label": "urn:c2pa:not-a-uuid"},
        {"created_at": datetime(2026, 1, 1)},
        {"watermark_value": b"short"},
        {"duration_ms": 0},
    ],
)
def test_claim_that_no_manifest_may_carry_is_refused(
    make_claim: ClaimMaker, fields: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"label|UUID|time zone|watermark_value|duration"):
        make_claim(**fields)


def test_labels_are_fresh() -> None:
    assert len({new_manifest_label() for _ in range(100)}) == 100


def test_signer_knows_whose_certificate_it_holds(signer: Signer) -> None:
    assert signer.organisation == "Signet Development CA - do not trust"


def test_anchor_that_is_no_certificate_is_refused() -> None:
    """The C2PA library would ignore it, and every file of ours would look untrusted."""
    with pytest.raises(ValueError, match="not a PEM certificate"):
        TrustSettings(("certificates/root.pem",))
