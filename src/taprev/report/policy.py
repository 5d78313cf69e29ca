"""The content security policy of every page: what is written into its template may run, and nothing else."""

from __future__ import annotations

import hashlib
from base64 import b64encode

from markupsafe import Markup

BESIDE = ("'self'", "file:")
"""Files beside a page; some browsers do not count a file opened from the disk as a page's own."""
ALWAYS = ("default-src 'none'", "base-uri 'none'", "form-action 'none'")


def policy(style: str = "", script: str = "", beside: bool = False) -> Markup:
    """Return the policy of a page as an element of its head.

    Parameters
    ----------
    style, script : str
        What stands in its `<style>` and its `<script>`, as the template has them; their SHA-256 is allowed.
    beside : bool
        Whether style sheets and scripts may also come from files beside the page.

    Returns
    -------
    Markup
        A `<meta>` element, which must come before what it governs. Pictures may come from files and from `data:`.
    """
    files = BESIDE if beside else ()
    allowed = {
        "style-src": (*files, *_hashed(style)),
        "script-src": (*files, *_hashed(script)),
        "img-src": (*BESIDE, "data:"),
    }
    parts = [*ALWAYS, *(f"{what} {' '.join(sources)}" for what, sources in allowed.items() if sources)]
    return Markup('<meta http-equiv="Content-Security-Policy" content="{}">').format(Markup("; ".join(parts)))


def _hashed(text: str) -> tuple[str, ...]:
    digest = hashlib.sha256(text.encode()).digest()
    return (f"'sha256-{b64encode(digest).decode('ascii')}'",) if text else ()
