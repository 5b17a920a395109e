"""申报助手: a company meets the rulebook, and gets verdicts, a plan and a calendar."""

__version__ = "0.1.0"
