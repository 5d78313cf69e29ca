"""The sources that a team keeps: what is read in them, and where every extracted figure stands in them."""
