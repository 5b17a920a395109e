"""The rule language: formulas as trees, and how to read their truth."""
