"""The training loop: settings, the Lightning module, what it writes as it goes, and the run."""
