"""Use cases of effects: photos, folders, videos and cameras."""
