"""The model card, made from ``results/`` and ``weights/`` alone: ``python -m core card``.

``facts`` gathers what was measured, as weights/card/model_card.json holds it; ``words`` says each
fact; ``checklist`` answers CLAIM 2024 and STARD-AI item by item; ``page`` is MODEL_CARD.md. The
prose stands in TOML files beside them, in English alone.
"""
