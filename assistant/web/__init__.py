"""The web is a door: calendars over HTTP and whether all is well."""
