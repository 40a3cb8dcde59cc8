"""Imports from the back office: a file is kept, checked as a whole and shown, then imported; a worker does both."""
