from emotionart.text_columns import align_columns, align_descriptions


def test_what_does_not_fit_the_terminal_is_left_out_in_order() -> None:
    rows = [("state", "run", "overrides"), ("done", "outputs/a", "seed=1")]
    assert align_columns(rows, {0, 1, 2}) == ["state  run        overrides", "done   outputs/a  seed=1"]
    assert align_columns(rows, {0, 1}, width=25, droppable=[2, 0]) == [
        "state  run",
        "done   outputs/a",
        "columns left out:",
        "  overrides; to see them:",
        "  --wide",
    ]
    rows[1] = ("done", "outputs/a-run-of-a-long-name/that-fits-no-terminal", "seed=1")
    assert align_columns(rows, {0, 1}, width=55, droppable=[2, 0])[1:] == [
        "outputs/a-run-of-a-long-name/that-fits-no-terminal",
        "columns left out: state, overrides; to see them: --wide",
    ]


def test_descriptions_are_wrapped_beside_their_names_which_stay_whole() -> None:
    options = {"cnn": "Two convolutions with max-pooling", "augment.views=[identity]": "One view"}
    assert align_descriptions(options, 6) == [
        "    cnn    Two convolutions with max-pooling",
        "    augment.views=[identity]",
        "           One view",
    ]
    assert align_descriptions(options, 6, width=28)[:2] == [
        "    cnn    Two convolutions",
        "           with max-pooling",
    ]
    assert align_descriptions({"none": ""}, 6) == ["    none"]
