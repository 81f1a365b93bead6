"""What was known on a day: the feature catalogue, and the one place that asks tables as of a moment."""
