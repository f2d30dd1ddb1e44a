"""What is known of the market: trading hours, the latest prices, indicators."""
