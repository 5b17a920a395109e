"""A workbook (资料表) is a profile as a spreadsheet: made from the dictionary, filled in by a person, read back."""
