"""A drawing places dated things on a page. It decides no dates and finds no words: both come from the assessment."""
