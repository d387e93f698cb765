"""A list of films: read one after another, sorted by urgency, with what the reader says of each."""

from core.worklist.agreement import Agreement, agreement
from core.worklist.entries import Entry
from core.worklist.order import Choice, Sorting, arranged
from core.worklist.table import csv_table, harmless
from core.worklist.worklist import Finding, Row, Standing, Worklist

__all__ = [
    "Agreement",
    "Choice",
    "Entry",
    "Finding",
    "Row",
    "Sorting",
    "Standing",
    "Worklist",
    "agreement",
    "arranged",
    "csv_table",
    "harmless",
]
