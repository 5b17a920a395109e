"""The service runs and remembers: the store keeps companies, official dates and feeds; publishing builds them."""
