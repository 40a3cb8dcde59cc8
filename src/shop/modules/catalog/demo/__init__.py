"""A shop to look at: the goods of "Fernweh Goods", drawn for it, and the command that loads them into an empty catalogue."""
