"""Planning makes verdicts dated: windows, steps, upkeep, and all of them on one timeline."""
