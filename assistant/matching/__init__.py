"""A company meets the rulebook: verdicts with reasons, for one company or many."""
