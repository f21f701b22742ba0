from evaluators.image_size import size_text


def test_a_size_is_written_as_people_write_resolutions() -> None:
    assert size_text((480, 854)) == "854x480"
