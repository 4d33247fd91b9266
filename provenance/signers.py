"""Who signs: a private key in a PEM file, or a callback into a KMS or HSM.

Both are one thing to the C2PA library: a function from the bytes to be signed to a signature. So
a PEM key is a callback signer whose callback happens to hold the key.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

_CURVES: dict[str, tuple[str, type[hashes.HashAlgorithm]]] = {
    "secp256r1": ("es256", hashes.SHA256),
    "secp384r1": ("es384", hashes.SHA384),
    "secp521r1": ("es512", hashes.SHA512),
}
_RSA = ("ps256", "ps384", "ps512")


class SignerError(ValueError):
    """A key, a chain or an algorithm that cannot sign Content Credentials."""


class Signer:
    """Signs C2PA claims; reusable and safe to share between threads.

    Made by `pem_signer` or `callback_signer`. `algorithm` is the C2PA name in lower case (C2PA
    2.3 §13.2: es256, es384, es512, ps256, ps384, ps512, ed25519); `certificate_serial` is the
    leaf's serial number in decimal, as C2PA readers print it, `organisation` who it was issued to.
    """

    def __init__(
        self,
        sign: Callable[[bytes], bytes],
        chain_pem: bytes,
        algorithm: str,
        tsa_url: str | None,
    ) -> None:
        leaf = _leaf(chain_pem)
        self.algorithm = _checked_algorithm(algorithm, leaf)
        self.certificate_serial = str(leaf.serial_number)
        self.organisation = _organisation(leaf)
        self._sign = sign
        self._failure = threading.local()
        try:
            self.native: c2pa.Signer = c2pa.Signer.from_callback(
                self._call,
                c2pa.C2paSigningAlg[self.algorithm.upper()],
                chain_pem.decode("ascii"),
                tsa_url,
            )
        except c2pa.C2paError as error:
            raise SignerError(f"the signer cannot be set up: {error}") from error

    def _call(self, data: bytes) -> bytes:
        # The native library swallows exceptions and reports a bad signature instead; keep the
        # cause for `take_failure`. It calls back on the thread that asked for the signature.
        try:
            return self._sign(data)
        except Exception as error:
            self._failure.cause = error
            raise

    def take_failure(self) -> Exception | None:
        """The exception that this thread's last signature died of, once; None if it did not."""
        cause: Exception | None = getattr(self._failure, "cause", None)
        self._failure.cause = None
        return cause


def callback_signer(
    sign: Callable[[bytes], bytes],
    chain_pem: bytes,
    algorithm: str,
    *,
    tsa_url: str | None = None,
) -> Signer:
    """A signer whose private key lives elsewhere.

    `sign` receives the whole COSE Sig_structure (a few kB, not a digest) and returns the
    signature: for ECDSA either DER or raw r‖s, for PSS with a salt as long as the hash. It may be
    called from several threads. `chain_pem` holds the leaf, then the intermediates, without the
    root. `tsa_url` names an RFC 3161 time-stamping authority; signing fails when it is
    unreachable, after up to 30 s.

    Raises SignerError when the chain is not PEM or does not fit `algorithm`.
    """
    return Signer(sign, chain_pem, algorithm, tsa_url)


def pem_signer(chain: Path, key: Path, *, tsa_url: str | None = None) -> Signer:
    """A signer from two PEM files: the chain (leaf first) and the leaf's unencrypted private key.

    The algorithm follows from the key: P-256, P-384 and P-521 give es256, es384 and es512, RSA
    gives ps256, Ed25519 gives ed25519.

    Raises SignerError when a file is not PEM, the key type cannot sign C2PA claims, or the key is
    not the leaf's. Raises OSError when a file cannot be read.
    """
    chain_pem = chain.read_bytes()
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except TypeError as error:
        raise SignerError(
            f"{key} is encrypted; decrypt it, or keep it in a KMS and use a callback signer"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignerError(f"{key} holds no private key in PEM form: {error}") from error
    if _leaf(chain_pem).public_key() != private.public_key():
        raise SignerError(f"the private key in {key} is not the one of the leaf in {chain}")

    sign: Callable[[bytes], bytes]
    match private:
        case ec.EllipticCurvePrivateKey() if private.curve.name in _CURVES:
            algorithm, digest = _CURVES[private.curve.name]
            scheme = ec.ECDSA(digest())

            def sign(data: bytes) -> bytes:
                return private.sign(data, scheme)
        case rsa.RSAPrivateKey():
            algorithm = "ps256"
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)

            def sign(data: bytes) -> bytes:
                return private.sign(data, pss, hashes.SHA256())
        case ed25519.Ed25519PrivateKey():
            algorithm, sign = "ed25519", private.sign
        case _:
            raise SignerError(
                f"{key} holds a {type(private).__name__}; C2PA signs with P-256, P-384, P-521, "
                "RSA or Ed25519"
            )
    return Signer(sign, chain_pem, algorithm, tsa_url)


def _organisation(leaf: x509.Certificate) -> str:
    names = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else leaf.subject.rfc4514_string()


def _leaf(chain_pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(chain_pem)[0]
    except ValueError as error:
        raise SignerError(
            "the certificate chain is not PEM (leaf first, then intermediates)"
        ) from error


def _checked_algorithm(algorithm: str, leaf: x509.Certificate) -> str:
    """`algorithm` in lower case, once it is known to fit the leaf's public key."""
    name = algorithm.lower()
    match leaf.public_key():
        case ec.EllipticCurvePublicKey() as key:
            fits = name == _CURVES.get(key.curve.name, ("",))[0]
        case rsa.RSAPublicKey():
            fits = name in _RSA
        case ed25519.Ed25519PublicKey():
            fits = name == "ed25519"
        case _:
            fits = False
    if not fits:
        raise SignerError(f"algorithm {algorithm!r} does not fit the leaf certificate's key")
    return name
