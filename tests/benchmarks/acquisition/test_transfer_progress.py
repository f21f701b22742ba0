import io

from rich.console import Console

from benchmarks.acquisition.transfer_progress import TransferProgress


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    said = io.StringIO()
    with TransferProgress(Console(file=said), every=0.0) as progress:
        progress.begin("XMem.pth", total=2_000_000, done=500_000)
        progress.advance(500_000)
        progress.advance(1_000_000)
    assert said.getvalue() == "XMem.pth: 1.0 MB of 2.0 MB\nXMem.pth: 2.0 MB of 2.0 MB\n"
    with TransferProgress(Console(file=said), every=3600.0) as progress:
        progress.begin("XMem.pth", total=2_000_000)
        progress.advance(1_000_000)
    assert said.getvalue().count("\n") == 2


def test_on_a_terminal_there_is_a_bar_that_goes_and_lines_that_stay() -> None:
    said = io.StringIO()
    with TransferProgress(Console(file=said, force_terminal=True, width=120), every=0.0) as progress:
        progress.begin("XMem[red].pth", total=2_000_000)
        progress.advance(500_000)
        progress._bar.refresh()
        assert "XMem[red].pth" in said.getvalue()
        assert "0.5/2.0 MB" in said.getvalue()
        progress.say("one [line]\n" + "x" * 200)
    assert "one [line]\n" + "x" * 200 in said.getvalue()
    assert said.getvalue().endswith("\x1b[2K")
