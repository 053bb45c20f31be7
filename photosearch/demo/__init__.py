"""The demo: real photographs that Python packages carry, indexed and searched like anyone's own.

It is run, by `make demo`; only tests and screenshots import its `photos.SAMPLES`.
"""
