"""Delivery puts results into words and bytes: sentences, report, spreadsheet, calendar."""
