"""The calibration review: what its states are, who moves next, who may do what, and what is written down of it."""
