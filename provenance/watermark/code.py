"""The error-correcting code: convolutional, constraint length 9, rate 1/3, soft Viterbi.

Generators 557, 663, 711 (octal) are those of 3GPP TS 25.212, section 4.2.3.1; eight zero bits end
each word in the zero state. numpy arrays hold all 256 states, so a word takes a millisecond.
"""

import numpy as np
import numpy.typing as npt

CONSTRAINT = 9
GENERATORS = (0o557, 0o663, 0o711)
TAIL = CONSTRAINT - 1
STATES = 1 << TAIL

Bits = npt.NDArray[np.uint8]


def code_length(message_bits: int) -> int:
    """Number of code bits for a message of that many bits."""
    return (message_bits + TAIL) * len(GENERATORS)


def _parity(values: npt.NDArray[np.intp]) -> Bits:
    return (np.bitwise_count(values) & 1).astype(np.uint8)


def encode(message: Bits) -> Bits:
    """Code bits (code_length,), 0 or 1, of message bits (n,), 0 or 1."""
    padded = np.concatenate([np.zeros(TAIL, np.uint8), message, np.zeros(TAIL, np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, CONSTRAINT)
    # The newest bit of a register is its most significant one.
    registers = windows.astype(np.intp) @ (1 << np.arange(CONSTRAINT))
    return np.stack([_parity(registers & g) for g in GENERATORS], axis=1).ravel()


# A state is the last TAIL bits, newest on top. State s comes from its low TAIL - 1 bits shifted
# up, with either value of the bit that falls out; its own top bit is the input.
_PREVIOUS = ((np.arange(STATES) << 1) & (STATES - 1))[:, None] | np.arange(2)
_REGISTER = ((np.arange(STATES) >> (TAIL - 1)) << TAIL)[:, None] | _PREVIOUS
_SIGNS = np.stack([1.0 - 2.0 * _parity(_REGISTER & g) for g in GENERATORS], axis=-1).astype(
    np.float32
)


def decode(soft: npt.NDArray[np.float32]) -> Bits:
    """The most likely message bits given one soft value per code bit: positive for 0, negative
    for 1, magnitude in proportion to the log-likelihood ratio."""
    steps = soft.reshape(-1, len(GENERATORS))
    branch = np.einsum("skg,tg->tsk", _SIGNS, steps)
    metric = np.full(STATES, -np.inf, np.float32)
    metric[0] = 0.0
    choices = np.empty((len(steps), STATES), np.uint8)
    for step, gain in enumerate(branch):
        candidates = metric[_PREVIOUS] + gain
        choices[step] = candidates[:, 1] > candidates[:, 0]
        metric = candidates.max(axis=1)
    state, message = 0, np.empty(len(steps), np.uint8)
    for step in range(len(steps) - 1, -1, -1):
        message[step] = state >> (TAIL - 1)
        state = int(_PREVIOUS[state, choices[step, state]])
    return message[:-TAIL]
