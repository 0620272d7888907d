"""The loop for pupils: crops of eyes, classic methods, and small networks."""
