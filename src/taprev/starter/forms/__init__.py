"""The extraction form as a workbook: made from codebook and settings, filled by a person, read like any table."""
