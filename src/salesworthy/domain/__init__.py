"""Words that every layer shares: plain Python, no data frames, nothing that reads or writes."""
