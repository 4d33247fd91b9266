"""A small transformer that reads a text and says whether and how it is harmful.

The lower layers of MiniLM (Wang et al. 2020), fine-tuned by `safety/training`, as an ONNX graph
with 8-bit weights. It was pretrained on English, and has no tokens for other alphabets than the
Latin.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # importing them takes a while, and only a process that moderates needs them
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

MOST_TOKENS = 128
"""A passage is read up to here. Those of a long text overlap, and are seldom longer."""

_MOST_CHARACTERS = 10 * MOST_TOKENS
_MOST_UNKNOWN = 0.2
_UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class Encoder:
    """A session with the input `ids`, `(1, tokens)` int64, and the output `logits`, `(1, outputs)`
    float32; and the tokenizer that belongs to it."""

    session: "InferenceSession"
    tokenizer: "Tokenizer"

    @property
    def outputs(self) -> int:
        """How many logits a text has."""
        return int(self.session.get_outputs()[0].shape[1])

    def tokens(self, text: str) -> list[int]:
        """At most MOST_TOKENS; none if a good part of the text is in letters it has none for."""
        encoding = self.tokenizer.encode(text[:_MOST_CHARACTERS])
        if encoding.tokens.count(_UNKNOWN) > _MOST_UNKNOWN * len(encoding.tokens):
            return []
        return list(encoding.ids)

    def logits(self, ids: list[int]) -> NDArray[np.float32]:
        """`(outputs,)`.

        One text at a time: the range of the 8-bit numbers is that of the whole input, so a text's
        scores would otherwise depend on its neighbours.
        """
        (logits,) = self.session.run(["logits"], {"ids": np.array([ids], np.int64)})
        return np.asarray(logits[0], np.float32)


def encoder_of(graph: bytes, tokenizer_json: bytes) -> Encoder:
    """An encoder from the content of its two files. Raises what the libraries raise."""
    from onnxruntime import InferenceSession, SessionOptions
    from tokenizers import Tokenizer

    options = SessionOptions()
    # A prompt is too little to share out, and requests are judged side by side.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    tokenizer = Tokenizer.from_str(tokenizer_json.decode())
    tokenizer.enable_truncation(MOST_TOKENS)
    session = InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return Encoder(session, tokenizer)
