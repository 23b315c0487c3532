"""Many runs side by side: tables, tests, pages."""
