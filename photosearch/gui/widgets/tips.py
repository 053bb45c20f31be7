"""Tool tips that show a text as it is."""

from __future__ import annotations

import html


def tip(text: str) -> str:
    """Return what to give Qt so that it shows this text, line by line, and takes no name for HTML."""
    return f'<p style="white-space: pre-wrap">{html.escape(text)}</p>' if "<" in text else text
