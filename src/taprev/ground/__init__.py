"""What every room stands on: files, checksums, seals, and the files that the wheel carries."""
