"""Invented domains, documents and sites that several tests draw and read."""
