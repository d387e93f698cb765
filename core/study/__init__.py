"""Studies: what is varied, its runs wherever they run, and what they say with their intervals."""

from core.study.studies import STUDIES, Study, Variant

__all__ = ["STUDIES", "Study", "Variant"]
