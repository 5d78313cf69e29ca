"""What was made by what, and what would change."""
