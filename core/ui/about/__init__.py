"""The About page: the models' cards and the log of looks at the test set."""
