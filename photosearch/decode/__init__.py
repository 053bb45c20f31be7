"""Untrusted files in, upright RGB pixels and facts out, under limits of time, memory and pixels.

The engine decodes through `pool.DecoderPool`, in children that may be killed; the trainer calls
`image.open_image` and `fit.fit` itself, on files of its user's own.
"""
