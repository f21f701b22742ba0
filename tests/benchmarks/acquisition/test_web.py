from typing import Any

import pytest

from benchmarks.acquisition.web import MAX_REDIRECTS, BrokenOffError, ask, redirected, require_safe
from benchmarks.errors import InputError


def get(url: str) -> bytes:
    with ask(url, headers={"Range": "bytes=1-"}, timeout=5.0) as response:
        return response.read()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_with_everything_that_was_asked(server: Any, status: int) -> None:
    server.content = b"content"
    server.scripted = [server.says(status, {"Location": "/a name/other.bin"})]
    assert get(server.url) == b"content"
    assert [path for path, _ in server.requests] == ["/file.bin", "/a%20name/other.bin"]
    assert server.ranges == ["bytes=1-", "bytes=1-"]


def test_a_chain_of_redirects_ends(server: Any) -> None:
    server.content = b"content"
    hop = server.says(302, {"Location": "/again"})
    server.scripted = [hop] * MAX_REDIRECTS
    assert get(server.url) == b"content"
    server.requests.clear()
    server.scripted = [hop] * 99
    with pytest.raises(InputError, match=f"^{server.url}: expected a file, found more than {MAX_REDIRECTS} redirects"):
        get(server.url)
    assert len(server.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("location", ["file:///etc/hostname", "ftp://127.0.0.1/x", "http://198.51.100.1/x", "data:,x"])
def test_a_redirect_to_what_is_no_safe_address_is_refused(server: Any, location: str) -> None:
    server.scripted = [server.says(302, {"Location": location})]
    with pytest.raises(InputError, match=f"^{location}: expected an address that begins with https://"):
        get(server.url)


def test_a_redirect_to_nowhere_is_refused(server: Any) -> None:
    server.scripted = [server.says(302)]
    with pytest.raises(InputError, match=f"^{server.url}: expected a file, found a redirect to nowhere"):
        get(server.url)


def test_no_redirect_leads_away_from_https() -> None:
    assert redirected("https://a.example/x/y", "z") == "https://a.example/x/z"
    assert redirected("https://a.example/x", "https://b.example/y") == "https://b.example/y"
    assert redirected("http://127.0.0.1/x", "https://b.example/y") == "https://b.example/y"
    for target in ("http://a.example/x", "http://127.0.0.1/x", "file:///x"):
        with pytest.raises(InputError, match=f"expected a redirect to another https address, found {target}"):
            redirected("https://a.example/x", target)


@pytest.mark.parametrize(
    "url", ["http://a.example/x", "file:///etc/hostname", "ftp://a.example/x", "XMem.pth", "http://["]
)
def test_only_https_is_asked_or_this_very_machine(url: str) -> None:
    with pytest.raises(InputError, match=r"expected an address"):
        require_safe(url)
    require_safe("https://a.example/x")
    require_safe("http://[::1]:8000/x")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_worth_another_attempt(server: Any, status: int) -> None:
    server.scripted = [server.says(status)]
    with pytest.raises(BrokenOffError, match=f"the server answered {status}"):
        get(server.url)


@pytest.mark.parametrize("status", [204, 304, 401, 403, 404, 410, 501])
def test_what_will_not_pass_is_not(server: Any, status: int) -> None:
    server.scripted = [server.says(status)]
    with pytest.raises(InputError, match=rf"^{server.url}: expected a file, found {status} .*; name another address"):
        get(server.url)


def test_a_file_that_was_recoded_is_refused_because_its_length_and_hash_are_others(server: Any) -> None:
    server.scripted = [server.says(200, {"Content-Encoding": "gzip", "Content-Length": "0"})]
    with pytest.raises(InputError, match=r"found it recoded \(gzip\)"):
        get(server.url)


def test_what_does_not_speak_http_is_worth_another_attempt(server: Any) -> None:
    server.scripted = [lambda handler: handler.wfile.write(b"220 mail ready\r\n"), lambda _: None]
    with pytest.raises(BrokenOffError, match="there was no answer: 220 mail ready"):
        get(server.url)
    with pytest.raises(BrokenOffError, match="there was no answer: Remote end closed connection"):
        get(server.url)


@pytest.mark.parametrize("path", ["with\nline", "with space", "ä"])
def test_an_address_that_cannot_be_sent_is_refused(server: Any, path: str) -> None:
    with pytest.raises(InputError, match="expected an address, found none"):
        get(server.url + path)


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.content = b"content"
    assert get(server.url) == b"content"
