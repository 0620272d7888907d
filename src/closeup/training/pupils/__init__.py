"""Training of pupil networks: samples, augmentation, networks, losses and export."""
