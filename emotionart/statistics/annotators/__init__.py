"""What people say of an artwork: how far they agree, and what that leaves for a model to reach."""
