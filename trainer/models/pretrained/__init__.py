"""Pretrained networks: from the hub, from a folder in its format, or out of pip packages."""
