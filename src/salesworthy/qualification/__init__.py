"""From evidence to what people see: decisions and reasons. Never loads a model library or an engine."""
