"""What results look like to people: charts, captions, documents, and what leaves as a file.

Pure functions of results and a language; nothing here knows of Streamlit or trains a network.
"""
