"""The way back: from a pooled number to the cells it came from, and from a cell to every number it touches."""
