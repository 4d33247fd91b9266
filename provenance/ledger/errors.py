"""What can be wrong with a log, a note or a proof.

    LedgerError
    ├── FormatError     bytes or values that break their specification
    ├── SignatureError  not signed by a known key, or falsely
    └── ProofError      hashes that do not lead to the claimed root

Functions that read a stranger's bytes raise nothing else.
"""


class LedgerError(ValueError):
    """Something about the log cannot be accepted; the message says what."""


class FormatError(LedgerError):
    """Bytes or values that break their specification."""


class SignatureError(LedgerError):
    """A note that no known key has signed, or that bears a false signature of one."""


class ProofError(LedgerError):
    """A proof that does not show what it should, or that cannot exist."""
