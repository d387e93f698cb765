"""Lists that outlive a reload, in memory for the one tab that knows their token; saved notes."""
