"""All SQL of the wallet."""
