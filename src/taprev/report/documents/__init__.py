"""Documents that people take away: what they say, and how they are written as HTML, DOCX, XLSX and PDF."""
