"""The evidence map: outcomes by kind of programme, with every study behind each cell."""
