"""Migrations: every step from one schema of the store to the next."""
