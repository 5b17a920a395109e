"""Screening for people: what became of many companies, as files, tables and a page."""
