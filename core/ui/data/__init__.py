"""The Data page: counts, caveats, examples, and what training does to a film."""
