"""Training of the input gate: views of films and other pictures, loop, thresholds."""
