"""Training of a classifier: settings, films in batches, the Lightning module, and the run."""
