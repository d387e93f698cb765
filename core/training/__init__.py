"""Training: classifiers, the input gate, the generator, and the studies as experiments on top.

What they share stands here: callbacks, the working folder of a run, and depthwise gradients in
float. Only this room and its commands know of Lightning.
"""
