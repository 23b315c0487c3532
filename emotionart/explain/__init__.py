"""Why a run says what it says: maps, cues, faithfulness."""
