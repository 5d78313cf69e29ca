"""Tables as people save them: CSV in any of Excel's dialects, or worksheets; read as text, and written back."""
