"""Why a run predicts what it predicts."""
