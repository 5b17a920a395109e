"""Screening: many companies against every project at once, by the same rules and with the same answers."""
