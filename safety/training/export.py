"""Writes the fine-tuned encoder as an ONNX graph with 8-bit weights."""

import tempfile
from pathlib import Path

import torch

from safety.training.finetune import EncoderModel


def export(model: EncoderModel) -> bytes:
    """The graph of a model in evaluation mode: `ids` (1, tokens) int64 to `logits` (1, outputs)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        exact, small = Path(folder, "exact.onnx"), Path(folder, "small.onnx")
        torch.onnx.export(
            model,
            (torch.ones(1, 16, dtype=torch.int64),),
            exact,
            input_names=["ids"],
            output_names=["logits"],
            dynamic_axes={"ids": {1: "tokens"}},
            dynamo=False,
        )
        # Unsigned: signed weights overflow in 16 bits on processors without VNNI.
        quantize_dynamic(exact, small, per_channel=False, weight_type=QuantType.QUInt8)
        return small.read_bytes()
