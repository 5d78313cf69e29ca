"""The documents that people take away, and what each of them says."""
