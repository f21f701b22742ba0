"""Asking servers for files: https only, redirects followed one by one, and a word for every answer that is none."""

import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, InvalidURL
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from benchmarks.errors import InputError

MAX_REDIRECTS = 8
LOOPBACK = ("localhost", "127.0.0.1", "::1")

MOVED = (
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
)
PASSING = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


class BrokenOffError(Exception):
    """The exchange failed in a way that another attempt may mend."""


def ask(url: str, *, headers: Mapping[str, str], timeout: float) -> HTTPResponse:
    """Send a GET and follow redirects. The answer may still be any but a redirect, a page or a passing failure.

    Args:
        url: https, or http on this very machine.
        headers: sent to every server on the way.
        timeout: seconds that a server may be silent.

    Raises:
        InputError: nothing can be had there.
        BrokenOffError: nothing can be had there now.
    """
    where = url
    for _ in range(MAX_REDIRECTS + 1):
        require_safe(where)
        with ExitStack() as unless_returned:
            response = unless_returned.enter_context(_send(where, headers=headers, timeout=timeout))
            if response.status not in MOVED:
                _require_file(url, response)
                unless_returned.pop_all()
                return response
            where = redirected(where, response.headers["Location"])
    raise InputError(f"{url}: expected a file, found more than {MAX_REDIRECTS} redirects; name another address")


def require_safe(url: str) -> None:
    """What comes over plain http may have been changed on the way; files of this machine are not for servers to name.

    Raises:
        InputError: the address is of another kind.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InputError(f"{url}: expected an address, found none: {error}") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise InputError(f"{url}: expected an address that begins with https://, found another")


def redirected(where: str, location: str | None) -> str:
    """The address that a server sends us on to.

    Raises:
        InputError: it names none, or leads away from https.
    """
    if location is None:
        raise InputError(f"{where}: expected a file, found a redirect to nowhere; name another address")
    target = urljoin(where, location.replace(" ", "%20"))
    if urlsplit(where).scheme == "https" and urlsplit(target).scheme != "https":
        raise InputError(f"{where}: expected a redirect to another https address, found {target}; name another address")
    return target


def _send(url: str, *, headers: Mapping[str, str], timeout: float) -> HTTPResponse:
    opener = OpenerDirector()  # without urllib's own handlers of files, of ftp and of redirects
    on_this_machine = urlsplit(url).hostname in LOOPBACK
    for handler in (ProxyHandler({} if on_this_machine else None), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    request = Request(url, headers={"User-Agent": "xmem-benchmarks", **headers})  # noqa: S310 - checked by require_safe
    try:
        response: HTTPResponse = opener.open(request, timeout=timeout)
    except (InvalidURL, UnicodeError) as error:
        raise InputError(f"{url}: expected an address, found none: {error}") from error
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise InputError(
                f"{url}: expected a server with a valid certificate, found {reason.verify_message}"
            ) from error
        raise BrokenOffError(f"there was no answer: {describe(reason)}") from error
    return response


def describe(reason: BaseException | str) -> str:
    """Why a connection failed, in words; some exceptions have none."""
    return str(reason) or type(reason).__name__


def _require_file(url: str, response: HTTPResponse) -> None:
    """Turn away what is no file."""
    status, media = response.status, response.headers.get_content_type()
    if status in PASSING:
        raise BrokenOffError(f"the server answered {status} {response.reason}")
    expected = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    if status not in expected:
        found = f"{status} {response.reason}"
    elif status != expected[-1] and media in ("text/html", "application/xhtml+xml"):
        found = "a web page (is there a form or a login before it?)"
    elif (coding := response.headers.get("Content-Encoding", "identity")) != "identity":
        found = f"it recoded ({coding})"
    else:
        return
    raise InputError(f"{url}: expected a file, found {found}; name another address, or download it by hand")
