"""The drawing kit: pages, type, axes, marks, legends and saving; it knows no outcome domain."""
