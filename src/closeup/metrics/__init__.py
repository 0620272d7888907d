"""How good detections are, as figures; what draws and what learns both ask here."""
