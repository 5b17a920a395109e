"""A backup is the whole store in one SQLite file, whichever database it came from."""
