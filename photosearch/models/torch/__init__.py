"""Dual encoders in torch: to train them, to export them, and to run them on CUDA, MPS and XPU.

Nothing on a CPU's way from a face to an answer imports from here.
"""
