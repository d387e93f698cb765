"""Commissioning: what a model does on a hospital's own films, and settings fitted on them.

A table names the films and their classes; they are read as ``predict`` reads them; figures, drift
and fitted settings become a site's profile (``core.models.site``). Films that the gate, the lungs
or the population reader stop have no part in figures and fit, and are counted by reason.
"""
