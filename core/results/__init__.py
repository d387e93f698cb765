"""Results as data: every reader and writer of ``results/``.

Training and evaluation write here, and pages, documents and later measurements read from here. A
run, an evaluation or a record is a file that a reader never sees half written.
"""
