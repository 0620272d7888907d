"""Commands that make fancams."""
