"""The pneumonia reading room: reading, training, inference and explanation of chest films.

Imports point one way, bottom first: ``i18n`` and ``errors``; ``labels`` and ``metrics``; ``film``
(bytes to a validated film); ``preprocess`` (film to tensor); ``models``; ``explain`` and
``inference``; ``data``; ``results``; ``training`` and ``charts``; the command lines; and on top
``ui``, the only package here that imports Streamlit.
"""

__version__ = "0.5.0"
