"""What every room is built on: files, checksums, seals, and the files that the wheel carries."""
