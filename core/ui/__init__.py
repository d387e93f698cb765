"""The Streamlit layer: the only place below ``core`` that knows of Streamlit."""
