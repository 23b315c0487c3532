"""A head on stored features learns from pictures without labels as well."""
