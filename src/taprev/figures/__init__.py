"""The forest plot and its siblings, drawn from the JSON of a synthesis."""
