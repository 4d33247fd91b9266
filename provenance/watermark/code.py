"""The error-correcting code: tail-biting convolutional, constraint length 9, rate 1/4, decoded by a
list Viterbi algorithm.

The generators 765, 671, 513, 473 (octal) are those of 3GPP2 C.S0002; their free distance is 24.
Tail biting (the register starts with the message's own last bits) spends nothing on an end state.
The list (Seshadri and Sundberg, 1994) matters because the message carries a tag: the decoder can
try the likeliest few messages until one is authentic.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

CONSTRAINT = 9
GENERATORS = (0o765, 0o671, 0o513, 0o473)
MEMORY = CONSTRAINT - 1
STATES = 1 << MEMORY
PATHS = 4
"""Paths kept per state."""
MOST_CANDIDATES = 16
"""Messages that `decode` offers at most."""
_MOST_ENDINGS = 512

Bits = npt.NDArray[np.uint8]


def code_length(message_bits: int) -> int:
    """Number of code bits for a message of that many bits."""
    return message_bits * len(GENERATORS)


def _parity(values: npt.NDArray[np.intp]) -> Bits:
    return (np.bitwise_count(values) & 1).astype(np.uint8)


def encode(message: Bits) -> Bits:
    """Code bits (code_length,), 0 or 1, of message bits (n,), 0 or 1, n >= 8."""
    windows = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([message[-MEMORY:], message]), CONSTRAINT
    )
    # The newest bit of a register is its most significant one.
    registers = windows.astype(np.intp) @ (1 << np.arange(CONSTRAINT))
    return np.stack([_parity(registers & g) for g in GENERATORS], axis=1).ravel()


# A state is the last MEMORY bits, newest on top. State s comes from its low MEMORY - 1 bits shifted
# up, with either value of the bit that falls out; its own top bit is the input.
_PREVIOUS = ((np.arange(STATES) << 1) & (STATES - 1))[:, None] | np.arange(2)
_REGISTER = ((np.arange(STATES) >> (MEMORY - 1)) << MEMORY)[:, None] | _PREVIOUS
_SIGNS = np.stack([1.0 - 2.0 * _parity(_REGISTER & g) for g in GENERATORS], axis=-1).astype(
    np.float32
)


def decode(soft: npt.NDArray[np.float32]) -> Iterator[Bits]:
    """The likeliest messages, best first, at most MOST_CANDIDATES, given one soft value per code
    bit: positive for 0, negative for 1, magnitude in proportion to the log-likelihood ratio."""
    gains = np.einsum("skg,tg->tsk", _SIGNS, soft.reshape(-1, len(GENERATORS)))
    # One lap round the circle tells which start states are likely (wrap-around Viterbi).
    start = np.zeros(STATES, np.float32)
    for gain in gains:
        start = (start[_PREVIOUS] + gain).max(axis=1)
    metric = np.full((STATES, PATHS), -np.inf, np.float32)
    metric[:, 0] = start
    choices = np.empty((len(gains), STATES, PATHS), np.uint8)
    for step, gain in enumerate(gains):
        candidates = (metric[_PREVIOUS] + gain[:, :, None]).reshape(STATES, 2 * PATHS)
        choices[step] = np.argsort(-candidates, axis=1)[:, :PATHS]
        metric = np.take_along_axis(candidates, choices[step].astype(np.intp), axis=1)
    endings = np.argsort(-metric, axis=None)[:_MOST_ENDINGS]
    messages, first, last = _trace(choices, endings)
    # The register must bite its own tail.
    yield from messages[first == last][:MOST_CANDIDATES]


def _trace(
    choices: npt.NDArray[np.uint8], endings: npt.NDArray[np.intp]
) -> tuple[Bits, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The messages (E, n) of E paths, and the states in which they began and ended."""
    last, path = np.divmod(endings, PATHS)
    state = last
    messages = np.empty((len(endings), len(choices)), np.uint8)
    for step in range(len(choices) - 1, -1, -1):
        messages[:, step] = state >> (MEMORY - 1)
        branch, path = np.divmod(choices[step, state, path].astype(np.intp), PATHS)
        state = _PREVIOUS[state, branch]
    return messages, state, last
