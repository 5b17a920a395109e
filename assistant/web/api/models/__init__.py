"""What goes in and out of the interface, described field by field."""
