"""Why a run predicts what it predicts: maps, cues, faithfulness, one page."""
