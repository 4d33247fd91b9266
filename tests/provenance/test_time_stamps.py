import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance.certificates import CertificateFiles
from provenance.credentials import (
    Claim,
    SigningError,
    TrustSettings,
    read,
    sign,
)
from provenance.signers import pem_signer

ClaimMaker = Callable[..., Claim]


def time_stamping_authority(folder: Path) -> str:
    """Key and certificate of an RFC 3161 authority, as an `openssl ts` configuration in `folder`;
    returns the certificate, which is its own root's only child."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    start = datetime.now(UTC) - timedelta(minutes=1)

    def certificate(
        subject: str, public: ec.EllipticCurvePublicKey, *, ca: bool
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TSA Root")]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
                critical=False,
            )
            .add_extension(
                x509.KeyUsage(not ca, not ca, False, False, False, ca, False, False, False),
                critical=True,
            )
        )
        if not ca:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(root_key, hashes.SHA256())

    leaf = certificate("TSA", key.public_key(), ca=False)
    root = certificate("TSA Root", root_key.public_key(), ca=True)
    (folder / "tsa.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(
        f"""[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
"""
    )
    return root.public_bytes(Encoding.PEM).decode()


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address and root certificate of a local RFC 3161 responder."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl program is not installed")
    folder = tmp_path / "tsa"
    folder.mkdir()
    root = time_stamping_authority(folder)

    class Responder(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = ["openssl", "ts", "-reply", "-config", str(folder / "tsa.cnf")]
            reply = subprocess.run(
                [*command, "-queryfile", str(query)], capture_output=True, check=True
            ).stdout
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Responder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", root
        server.shutdown()
        thread.join()


def test_time_stamp_counts_only_from_a_trusted_authority(
    tmp_path: Path,
    plain_video: Path,
    make_claim: ClaimMaker,
    development_ca: CertificateFiles,
    trust: TrustSettings,
    tsa: tuple[str, str],
) -> None:
    url, tsa_root = tsa
    signer = pem_signer(development_ca.chain, development_ca.key, tsa_url=url)
    before = datetime.now(UTC).replace(microsecond=0)
    asset = sign(plain_video, tmp_path / "signed.mp4", make_claim(), signer)

    stamped = read(asset.path, TrustSettings((*trust.anchors, tsa_root)))
    assert (stamped.state, stamped.failure) == ("trusted", ())
    assert stamped.time_stamp is not None
    assert before <= datetime.fromisoformat(stamped.time_stamp) <= datetime.now(UTC)

    untrusted = read(asset.path, trust)
    assert untrusted.state == "trusted"
    assert untrusted.time_stamp is None
    assert "timeStamp.untrusted" in untrusted.informational


def test_unreachable_time_stamping_authority_fails_the_signature(
    tmp_path: Path, plain_video: Path, make_claim: ClaimMaker, development_ca: CertificateFiles
) -> None:
    signer = pem_signer(development_ca.chain, development_ca.key, tsa_url="http://127.0.0.1:9/")
    with pytest.raises(SigningError, match=r"127\.0\.0\.1:9"):
        sign(plain_video, tmp_path / "signed.mp4", make_claim(), signer)
    assert list(tmp_path.iterdir()) == []
