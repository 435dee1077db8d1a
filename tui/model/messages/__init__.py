"""Messages as a screen shows them: which are listed, where they stand in time, and what is said of them."""
