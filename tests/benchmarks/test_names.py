import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.names import is_plain_name


@pytest.mark.parametrize("name", ["dog", "XMem.pth", "..dog", ".hidden", "two words", "a\\b"])
def test_the_name_of_a_file_is_plain(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "/etc", "a/b", "a/", "./a", "../a", "a/..", "a\nb", "a\tb", "\0"])
def test_a_path_or_what_fits_in_no_line_is_not(name: str) -> None:
    assert not is_plain_name(name)


@given(st.text(alphabet="./a", max_size=6))
def test_what_is_plain_stays_in_its_folder(name: str) -> None:
    if is_plain_name(name):
        assert "/" not in name
        assert name not in ("", ".", "..")
