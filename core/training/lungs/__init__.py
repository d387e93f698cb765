"""Training of the lungs segmenter on human outlines: one module, one loop, one run folder."""
