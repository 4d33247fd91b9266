"""Trains and measures the shipped classifier: `python -m safety.training --data PATH`."""
