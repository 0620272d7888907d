"""Drawing of marks and text on pictures."""
