"""What other programs read, made from a review and its results: one module a format."""
