"""What a warm process loads before the first command: the libraries that the rules of every domain need."""

from __future__ import annotations


def load() -> None:
    """Import what pooling and drawing a domain imports, and what reading its results prepares."""
    import taprev.effects.rows
    import taprev.effects.variants
    import taprev.figures.of_domain
    import taprev.synthesis.domain
    import taprev.synthesis.origin  # noqa: F401
