"""The law as data: rule files, read and checked into one tree per version in force."""
