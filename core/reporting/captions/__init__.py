"""What charts and tables say in words: sentences and tables in both languages."""
