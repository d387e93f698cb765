"""A worklist: films read one after another, sorted by urgency, with the reader's opinions."""

from core.inference.worklist.agreement import Agreement, agreement
from core.inference.worklist.entries import Entry
from core.inference.worklist.order import Choice, Sorting, arranged
from core.inference.worklist.rows import Finding, Row, Standing
from core.inference.worklist.table import csv_table
from core.inference.worklist.worklist import Worklist

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
]
