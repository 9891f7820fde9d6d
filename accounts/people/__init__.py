"""People and what they may do, as administrators look after them."""
