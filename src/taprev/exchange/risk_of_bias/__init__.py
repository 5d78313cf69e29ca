"""Judgements of risk of bias in files of other programs: their tool, their words and signs, and their tables."""
