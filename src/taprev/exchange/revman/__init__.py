"""Files of RevMan: its XML of version 5 and the data package of RevMan Web, and what both of them store."""
