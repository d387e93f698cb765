"""The generated parts of the READMEs and of ``docs/``: tables and sentences made from the results.

``files`` knows which part stands in which document; the others make them.
"""
