"""Picture files: decoded right, hashed, viewed, stored."""
