"""The commands. Each rule of the Snakefile is one of them, and a person can type any of them by hand."""

from taprev.cli import beginning, by_hand, computing, exchanging, showing
from taprev.cli.command import THREADS, main
from taprev.cli.shared import app

__all__ = ["THREADS", "app", "beginning", "by_hand", "computing", "exchanging", "main", "showing"]
