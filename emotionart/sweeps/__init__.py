"""Many runs: planned, launched, resumed, compared."""
