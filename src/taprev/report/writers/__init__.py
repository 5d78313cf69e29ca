"""How a document is written: as HTML, DOCX, XLSX and PDF, the same bytes whenever it is written."""
