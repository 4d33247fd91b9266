"""Tiny guard models of the real architectures, saved as their publishers save them.

Their weights are set by hand so that they answer by a word of the prompt: attention is the mean
over all tokens, every other layer adds nothing, and the head reads the last token and that mean.
They say "safe" in their family's words unless the prompt has HARM.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

HARM = "harmful"
_HIDDEN = 32
_LAST, _READS = 4.0, 5000.0
_ANY: Any = transformers

QWEN_TEMPLATE = (
    "<|im_start|>user\n<BEGIN CONVERSATION>\n\nUSER: {{ messages[0]['content'] }}\n\n"
    "<END CONVERSATION>\n\nProvide your safety assessment.<|im_end|>\n<|im_start|>assistant\n"
    "<think>\n\n</think>\n\n"
)
LLAMA_TEMPLATE = (
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n<BEGIN CONVERSATION>\n\n"
    "User: {{ messages[0]['content'] }}\n\n<END CONVERSATION>\n\n<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>"
)
LLAMA_4_TEMPLATE = (
    "<|begin_of_text|><|header_start|>user<|header_end|>\n\n<BEGIN CONVERSATION>\n\n"
    "User: {{ messages[0]['content'][0]['text'] }}\n\n<END CONVERSATION>\n\n<|eot|>"
    "<|header_start|>assistant<|header_end|>"
)
GEMMA_TEMPLATE = (
    "<bos><start_of_turn>Human Question: {{ messages[0]['content'] }}<end_of_turn>\n\n"
    "{{ guideline }}\n\nDoes the human question violate the above principle?{{ '\n\n' }}"
)
GRANITE_TEMPLATE = (
    "<|start_of_role|>user<|end_of_role|><start_of_turn>\nUser Message: "
    "{{ messages[0]['content'] }}\n<end_of_turn>\n\nrisk {{ guardian_config['risk_name'] }}"
    "<|end_of_text|>\n"
    "{% if add_generation_prompt %}<|start_of_role|>assistant<|end_of_role|>{% endif %}"
)
_MARKERS = {
    "qwen3guard": ["<|im_start|>", "<|im_end|>", "<think>", "</think>"],
    "llama_guard": ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    "llama_guard_4": ["<|begin_of_text|>", "<|header_start|>", "<|header_end|>", "<|eot|>"],
    "shieldgemma": ["<bos>", "<start_of_turn>", "<end_of_turn>"],
    "granite_guardian": ["<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"],
}
_CHAINS: dict[str, Mapping[str, str]] = {
    # What follows a token, once the verdict is given: the names of harms.
    "qwen3guard": {"Categories:": " Violent", " Violent": "<|im_end|>"},
    "llama_guard": {"unsafe": "\n", "\n": "S12", "S12": "<|eot_id|>"},
    "llama_guard_4": {"unsafe": "\n", "\n": "S4", "S4": "<|eot|>"},
    "shieldgemma": {},
    "granite_guardian": {},
}
_ANSWERS = {
    # The token in front of the answer, and the answers.
    "qwen3guard": ("Safety:", " Safe", " Unsafe"),
    "llama_guard": ("\n\n", "safe", "unsafe"),
    "llama_guard_4": ("\n\n", "safe", "unsafe"),
    "shieldgemma": ("\n\n", "No", "Yes"),
    "granite_guardian": ("<|end_of_role|>", "No", "Yes"),
}
_TEMPLATES = {
    "qwen3guard": QWEN_TEMPLATE,
    "llama_guard": LLAMA_TEMPLATE,
    "llama_guard_4": LLAMA_4_TEMPLATE,
    "shieldgemma": GEMMA_TEMPLATE,
    "granite_guardian": GRANITE_TEMPLATE,
}
_WORDS = [HARM, "a", "cat", "safe", "unsafe", " Safe", " Unsafe", " Controversial", "Safety:",
          "Categories:", " Violent", "S4", "S12", "Yes", "No", "\n", "\n\n"]  # fmt: skip


def tokenizer(kind: str) -> Any:
    """Words, their blank before them, and the markers of a family as special tokens."""
    markers = _MARKERS.get(kind, [])
    vocabulary = {word: number for number, word in enumerate(["<unk>", *markers, *_WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Split(
        Regex(r"\n\n|\n|Safety:|Categories:| ?(?:Safe|Unsafe|Controversial|Violent)\b|\w+|[^\w\n]"),
        "isolated",
    )
    words.decoder = decoders.Fuse()
    made = _ANY.PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="<unk>",
        eos_token=markers[-1] if kind != "qwen3guard" else "<|im_end|>",
        model_max_length=512,
    )
    # Of Qwen's, <think> is a marker without being special.
    made.add_tokens([_ANY.AddedToken(m, special="think" not in m) for m in markers])
    made.chat_template = _TEMPLATES[kind]
    return made


def save(kind: str, folder: Path) -> Path:
    """Make the model of a kind and save it with its tokenizer."""
    words = tokenizer(kind)
    size = len(words)
    assert size <= _HIDDEN
    model = _ANSWERING[kind](size)
    _set_by_hand(model, kind, words)
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def _qwen(size: int) -> Any:
    return _ANY.Qwen3ForCausalLM(_ANY.Qwen3Config(head_dim=_HIDDEN, **_common(size)))


def _llama(size: int) -> Any:
    return _ANY.LlamaForCausalLM(_ANY.LlamaConfig(head_dim=_HIDDEN, **_common(size)))


def _llama_4(size: int) -> Any:
    text = _ANY.Llama4TextConfig(
        head_dim=_HIDDEN,
        intermediate_size_mlp=8,
        num_local_experts=1,
        num_experts_per_tok=1,
        no_rope_layers=[0],
        attn_temperature_tuning=False,
        **_common(size),
    )
    vision = _ANY.Llama4VisionConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        projector_input_dim=8, projector_output_dim=8, vision_output_dim=8, image_size=4,
        patch_size=2,
    )  # fmt: skip
    return _ANY.Llama4ForConditionalGeneration(
        _ANY.Llama4Config(text_config=text.to_dict(), vision_config=vision.to_dict())
    )


def _gemma(size: int) -> Any:
    config = _ANY.Gemma2Config(head_dim=_HIDDEN, query_pre_attn_scalar=_HIDDEN, **_common(size))
    config.final_logit_softcapping = None
    return _ANY.Gemma2ForCausalLM(config)


def _granite(size: int) -> Any:
    return _ANY.GraniteForCausalLM(_ANY.GraniteConfig(**_common(size)))


_ANSWERING = {
    "qwen3guard": _qwen,
    "llama_guard": _llama,
    "llama_guard_4": _llama_4,
    "shieldgemma": _gemma,
    "granite_guardian": _granite,
}


def _common(size: int) -> dict[str, Any]:
    return {
        "vocab_size": size,
        "hidden_size": _HIDDEN,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "max_position_embeddings": 512,
        "tie_word_embeddings": False,
        "pad_token_id": 0,
        "bos_token_id": None,
        "eos_token_id": 1,
    }


@torch.no_grad()
def _set_by_hand(model: Any, kind: str, words: Any) -> None:
    for name, weight in model.named_parameters():
        weight.zero_()
        if "norm" in name and kind != "shieldgemma":  # Gemma's are added to one
            weight.fill_(1)
        if name.endswith(("v_proj.weight", "o_proj.weight", "embed_tokens.weight")):
            weight.copy_(torch.eye(*weight.shape))
    head = model.get_output_embeddings().weight
    token = words.convert_tokens_to_ids
    last, no, yes = _ANSWERS[kind]
    head[token(no), token(last)] = _LAST
    head[token(yes), token(HARM)] = _READS
    for before, after in _CHAINS[kind].items():
        # Far stronger than the verdict, which the mean over the prompt still asks for.
        head[token(after), token(before)] += 10 * _READS if before != "\n\n" else 0


def save_bert(folder: Path, *, unknown_to_model: str | None = None) -> Path:
    """A BERT classifier with the labels "fine" and "violent", which it gives for HARM.

    It breaks down over `unknown_to_model`, a word of its tokenizer that it has no embedding of.
    """
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", HARM, "a", "cat"]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    words = _ANY.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    size = len(words)
    config = _ANY.BertConfig(
        vocab_size=size, hidden_size=size, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8, max_position_embeddings=64,
        id2label={0: "fine", 1: "violent"}, label2id={"fine": 0, "violent": 1},
    )  # fmt: skip
    model = _ANY.BertForSequenceClassification(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.zero_()
            if "LayerNorm.weight" in name:
                weight.fill_(1)
            if name.endswith(
                ("word_embeddings.weight", "value.weight", "attention.output.dense.weight",
                 "pooler.dense.weight")
            ):  # fmt: skip
                weight.copy_(torch.eye(size))
        # Less a word that never comes: the layers' norms take the mean of all words off.
        model.classifier.weight[1, vocabulary.index(HARM)] = 5000
        model.classifier.weight[1, vocabulary.index("[MASK]")] = -5000
        model.classifier.bias[0] = 10
    model.save_pretrained(folder)
    if unknown_to_model is not None:
        (folder / "vocab.txt").write_text("\n".join([*vocabulary, unknown_to_model]))
        words = _ANY.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    words.save_pretrained(folder)
    return folder
