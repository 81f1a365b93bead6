"""Raw tables in, checked tables out: read, mapped to the vocabulary, held to their contracts, bad rows set aside."""
