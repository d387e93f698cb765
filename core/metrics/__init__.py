"""Figures of merit: arrays in, numbers out.

Metrics with intervals bootstrapped by patient, calibration, operating points, paired comparisons
and means over seeds. Nothing here opens a file, or knows of a film or of a network.
"""
