"""Lists that outlive a reload: kept in memory for the one tab that knows their token."""
