"""What results look like: Plotly figures, tables, and the sentences that say the same in words.

Pure functions of tables and a language; nothing here knows of Streamlit or of a network.
"""
