"""What all pages share: the shell, settings and address, words, charts, and the server itself."""
