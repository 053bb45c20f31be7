"""Exported dual encoders in ONNX Runtime: what answers on every CPU, and where no torch is installed.

The engine loads from here through `photosearch.models.loading`; nothing here imports torch.
"""
