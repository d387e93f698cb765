"""The studies: what is varied, which runs that takes, and what they say with their intervals."""
