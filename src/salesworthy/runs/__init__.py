"""The stories: one module per thing that people ask of a workspace."""
