"""Risk of bias by tool: the tools and their words, the judgements in those words, and the algorithm of RoB 2."""
