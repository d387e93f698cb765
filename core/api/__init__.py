"""The HTTP interface: a film's bytes in, its diagnosis as JSON or as a picture out.

It is mounted under ``/api`` beside the pages, behind the same guard and with the same loaded
models. Errors are problem details (RFC 9457). A film stays in memory until its answer.
"""
