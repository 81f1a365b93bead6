"""One module per schema, in their order; a module that has been released is never changed."""
