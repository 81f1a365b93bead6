"""The pages themselves: one file per part; each declares its routes in an ``Area``."""
