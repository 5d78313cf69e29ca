"""The figures of the whole review."""
