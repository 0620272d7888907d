"""From camera paths to videos: crops, grid and preview in one pass."""
