"""Many runs: planned, launched, resumed, searched."""
