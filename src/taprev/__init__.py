"""taprev, the auditable review: from extracted outcomes to pooled numbers, and back to the printed figure."""

__version__ = "0.2.0"
