"""Why a network says what it says: maps, pictures of classes, and how far they can be trusted."""
