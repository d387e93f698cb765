"""Measuring: finished runs and shipped models, on films that they were not trained on.

Runs under stress and the choice among them, what is fitted and shipped, the official test set with
its log of looks, heatmaps, the gate, the generator's films, and what each architecture costs.
"""
