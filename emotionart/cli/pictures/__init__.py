"""Commands that look at pictures, search them, change them or paint them."""
