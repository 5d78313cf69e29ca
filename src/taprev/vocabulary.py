"""Every closed list of words of the house, once, with how people say them."""

FATES = ("pooled", "shown", "direction_only", "excluded")
