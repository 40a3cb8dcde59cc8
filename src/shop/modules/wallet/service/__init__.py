"""What the wallet can do, a file for each use case."""
