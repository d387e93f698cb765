"""Data: folders of films, their patients and splits, and the films as tensors, augmented.

Also what is held against them: pictures that are no films, and conditions of stress.
"""
