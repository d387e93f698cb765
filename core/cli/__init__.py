"""The command line: a module a command, each a parser, a call, and what is printed.

``python -m core`` lists the commands; a command's module is imported only when it runs.
"""
