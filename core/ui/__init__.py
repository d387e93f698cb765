"""The Streamlit layer: a folder a page, and ``frame`` for what they share.

The only room that knows of Streamlit, and nothing but ``pages/`` and ``cli`` imports from it.
"""
