"""What all pages share: language, model and address, words, charts, and the server itself."""
