"""Wording is the only place where Python holds sentences for users; templates and rules hold the rest."""

from assistant.delivery.wording.problems import problem_text

__all__ = ["problem_text"]
