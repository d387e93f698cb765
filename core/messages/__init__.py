"""Every word that people read, in two languages: the catalogue, and the errors that quote it.

The bottom floor: it imports nothing else of core.
"""
