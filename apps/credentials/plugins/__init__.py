"""External secrets: one file a product, each with its type (TYPE) and the function that fetches a value."""
