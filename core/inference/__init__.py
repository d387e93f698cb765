"""A film in, a diagnosis out: the gate, the model, its explanations, and a list of films.

The model is loaded once and shared by all sessions; a diagnosis is bound to the film, the
weights and the settings that it came from.
"""
