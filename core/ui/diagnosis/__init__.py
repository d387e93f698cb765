"""The Diagnosis page: films in, the viewer, the verdict, its evidence, the list, what leaves."""
