"""Foreign tables as frames: open a table, find its columns, take its rows."""
