"""Training of the generator: the autoencoder, then the denoiser, and films drawn to train on."""
