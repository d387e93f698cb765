"""The generator of synthetic films: its networks, how it draws, and the weights that ship."""
