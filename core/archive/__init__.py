"""The DICOMweb archive that the configuration names: searched, read from, and sent results to.

Nothing of it is imported where none is named. Everything that a server answers is bounded in size
and time, and taken for text of unknown origin.
"""
