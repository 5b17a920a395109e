"""What a company tells us, and the one dictionary of what can be told."""
