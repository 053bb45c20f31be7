"""Pretrained networks: from the hub, from a folder in its format, or out of pip packages.

`trainer.models.build` puts models together of them; the bundled model takes `base_weights` by itself.
"""
