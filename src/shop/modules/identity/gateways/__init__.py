"""Others over the network, a file for each kind."""
