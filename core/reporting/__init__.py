"""Presenting results: charts, captions, documents, and files for export.

Pure functions of results and a language; nothing here knows of Streamlit or trains a network.
"""
