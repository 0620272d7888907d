"""Camera paths: smooth crop windows that hold the member's face."""
