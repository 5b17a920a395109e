"""The dossier (档案): what every page of one company shows, as plain values, one module a page."""
