"""Reading and writing of videos and pictures, and detection of shots."""
