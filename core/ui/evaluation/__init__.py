"""The Evaluation page: figures, curves, the threshold, subgroups, and another model beside."""
