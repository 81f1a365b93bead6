"""Drift: weekly counts of everything that is watched, how far they stray, and what that means in words."""
