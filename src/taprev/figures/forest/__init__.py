"""The forest plot of the whole evidence of one outcome domain."""
