"""Every word that people read, in two languages: the catalogue, and the errors that quote it.

``plain`` makes words of others, such as names of files, fit to be shown and to stand in a table.

The bottom floor: it imports nothing else of core.
"""
