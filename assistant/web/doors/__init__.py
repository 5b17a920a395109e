"""Doors (门): the pages, one module for each group of them; every module has a `router`."""
