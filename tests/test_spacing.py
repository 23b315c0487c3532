from emotionart.spacing import evenly_spaced


def test_many_positions_are_thinned_out_evenly() -> None:
    assert evenly_spaced(0, 10).tolist() == []
    assert evenly_spaced(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert evenly_spaced(101, 5).tolist() == [0, 25, 50, 75, 100]
