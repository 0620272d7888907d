"""Effects: what is drawn on the faces of photos, videos and cameras."""
