"""Files of other programs, read into the tables of a review and written from them; one module a format."""
