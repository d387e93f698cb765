"""Training of the population reader: augmented views, embedded once, and one small head."""
