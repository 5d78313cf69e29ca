"""The tables of the review, written from the JSON of a synthesis."""
