from reports.server import DavisFigures, ServerRecord, YouTubeVosFigures
from reports.server_table import server_table


def davis(*, unit: float = 0.001, **figures: float) -> ServerRecord:
    return ServerRecord(
        recorded="2026-01-01T00:00:00+00:00",
        masks_sha256="d" * 64,
        text="as it came",
        text_sha256="e" * 64,
        units=dict.fromkeys(figures, unit),
        davis=DavisFigures(**figures),
    )


def youtube_vos(**figures: float) -> ServerRecord:
    return ServerRecord(
        recorded="2026-01-01T00:00:00+00:00",
        masks_sha256="d" * 64,
        text="as it came",
        text_sha256="e" * 64,
        units=dict.fromkeys(figures, 0.001),
        youtube_vos=YouTubeVosFigures(**figures),
    )


def notes(**answers: ServerRecord) -> list[str]:
    """What stands beneath the table."""
    return server_table(answers).split("\n\n")[1:]


def test_figures_of_a_server_are_headed_as_such_and_a_dash_where_it_said_nothing() -> None:
    answers = {"one": davis(j_and_f=0.81, j=0.774, f=0.846), "two": davis(j=0.5)}
    assert server_table(answers) == (
        "| run   |   J&F (server) |   J (server) |   F (server) |\n"
        "|:------|---------------:|-------------:|-------------:|\n"
        "| one   |           81.0 |         77.4 |         84.6 |\n"
        "| two   |              - |         50.0 |            - |"
    )


def test_a_mean_that_is_not_that_of_its_parts_is_said_beneath_the_table() -> None:
    sound, odd = davis(j_and_f=0.81, j=0.774, f=0.846), davis(j_and_f=0.9, j=0.5, f=0.6)
    assert notes(sound=sound, odd=odd) == [
        "odd: the server's figures contradict each other: J&F is given as 90.0, and the mean of J and F is 55.0."
    ]


def test_the_other_servers_mean_is_that_of_four() -> None:
    parts = {"j_seen": 0.846, "f_seen": 0.893, "j_unseen": 0.802, "f_unseen": 0.887}
    assert notes(sound=youtube_vos(g=0.857, **parts)) == []
    (note,) = notes(odd=youtube_vos(g=0.875, **parts))
    assert note.startswith("odd: the server's figures contradict each other: G is given as 87.5, and the mean of ")
    assert note.endswith(" of J-seen, F-seen, J-unseen and F-unseen is 85.7.")


def test_figures_that_look_the_same_in_the_table_are_told_apart_in_the_note() -> None:
    assert notes(odd=davis(unit=1e-6, j_and_f=0.8101, j=0.774, f=0.846)) == [
        "odd: the server's figures contradict each other: J&F is given as 81.0100, and the mean of J and F is 81.0000."
    ]


def test_of_parts_that_were_not_all_given_nothing_is_said() -> None:
    assert notes(one=davis(j_and_f=0.9, j=0.5), two=davis(j=0.5, f=0.6), three=youtube_vos(g=0.9)) == []
