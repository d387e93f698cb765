"""Pillow, pydicom and tifffile comment on odd files; the reading room says what matters itself.

Their remarks may quote a header, so they must not reach a log either.
``warnings.catch_warnings`` is not thread-safe and the app serves several threads: one that leaves
restores the filters that another has just set. So a filter for these libraries is added before
each reading and stays, which is idempotent.
"""

import logging
import warnings

import pydicom.config


def quieten() -> None:
    """Silence the decoding libraries in this process."""
    warnings.filterwarnings("ignore", module=r"(PIL|pydicom|tifffile)\b")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
