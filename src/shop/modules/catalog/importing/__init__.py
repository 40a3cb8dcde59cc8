"""Products from files: a mapping (data) says what the columns mean, a source reads rows, an import saves them in batches."""
