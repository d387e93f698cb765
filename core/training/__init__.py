"""Training: classifiers, the input gate, the generator, and the studies as experiments on top.

What they share stands here: callbacks, the working folder of a run, and depthwise gradients that
are fast on a CPU. Only this room and its commands know of Lightning.
"""
