"""Untrusted files in, upright RGB pixels out, under limits and in children that may be killed."""
