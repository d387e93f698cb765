"""Synthetic films from the command line: trained, drawn, measured, and chosen for the gallery."""
