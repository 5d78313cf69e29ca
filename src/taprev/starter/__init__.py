"""A review of your own: what `taprev init` writes into an empty folder."""
