"""Captions: the sentences and tables of charts, in both languages."""
