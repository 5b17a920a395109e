"""The catalogue is the list of projects that an authority publishes, read as published and compared with the rules."""
