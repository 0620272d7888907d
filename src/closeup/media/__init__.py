"""Reading and writing video, pictures and shots."""
