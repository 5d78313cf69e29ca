"""`python -m taprev.cli` is `taprev`."""

from taprev.cli import main

main()
