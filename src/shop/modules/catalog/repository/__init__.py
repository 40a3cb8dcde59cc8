"""All SQL of the catalogue, one file per side of it: writing, the read model, what pages and programs ask."""
