"""Statements as files: a worker writes the CSV from one snapshot of the ledger, and prints the PDF from the CSV."""
