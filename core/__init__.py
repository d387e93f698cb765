"""The pneumonia reading room: reading, training, inference and explanation of chest films.

Twelve rooms, from the top floor down; imports point downward only. ``cli`` (``python -m core``) and
``ui`` (Streamlit, nowhere else), ``reporting``, ``training``, ``evaluation``, ``inference``,
``results``, ``models``, ``data``, ``imaging`` and ``metrics``, and at the bottom ``messages``.
"""

__version__ = "0.5.0"
