"""The line (线路) over which requests leave: one connection each, to an address that was looked at, for a set time.

A stranger may name the host of a webhook. What counts is therefore the address that is really connected to: the name is
resolved once, what is not on the public internet is left out, and one of the others is used. Redirects are not
followed. The time holds for all of it, however slowly the other side drips. A connection is not used twice: at the
pace of messages it would mostly have been cut meanwhile, and nobody could tell whether the message had arrived.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2
from httpcore2 import SOCKET_OPTION

PATIENCE = 10.0  # seconds
MOST = 64 * 1024  # bytes of an answer that are read

_TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 behind a translator
_Found = tuple[Any, ...]


class NoAnswer(Exception):
    """Nothing came back; *code* says in a word why. *never*: nor will it."""

    def __init__(self, code: str, *, never: bool = False) -> None:
        """Keep the word."""
        self.code, self.never = code, never
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; names of headers are in small letters, the body is cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Sends requests.

    Args:
        patience: so many seconds a request may take in all.
        context: what certificates are believed.
        clock: seconds that only go forward.
        resolve: how names become addresses.

    """

    def __init__(
        self,
        *,
        patience: float = PATIENCE,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        clock: Callable[[], float] = time.monotonic,
        resolve: Callable[[str, int], Sequence[_Found]] | None = None,
    ) -> None:
        """Keep the settings; certificates are read when they are first needed."""
        self._patience, self._make, self._clock = patience, context, clock
        self._resolve = resolve or _resolved

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._make()

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> Answer:
        """Return the answer to a request; *private*: it may stay inside this network.

        Raises:
            NoAnswer: there was none in time.

        """
        with _told():
            target = httpcore2.URL(url)
            dial = _Dial(self._clock, self._clock() + self._patience, self._resolve, private=private)
            context = self._context if target.scheme == b"https" else None
            connection = httpcore2.HTTPConnection(target.origin, ssl_context=context, network_backend=dial)
            sent = {"User-Agent": "shenbao-assistant", "Accept": "*/*", "Connection": "close", **headers}
            try:
                with connection.stream("POST", target, headers=list(sent.items()), content=body) as came:
                    read = _first(came.iter_stream(), MOST)
                    names = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in came.headers}
                    return Answer(came.status, names, read)
            finally:
                with suppress(httpcore2.NetworkError):
                    connection.close()


def _first(stream: Iterable[bytes], most: int) -> bytes:
    read = bytearray()
    for piece in stream:
        read += piece
        if len(read) >= most:
            break
    return bytes(read[:most])


@contextmanager
def _told() -> Iterator[None]:
    """Turn what can go wrong into a word."""
    try:
        yield
    except httpcore2.TimeoutException:
        raise NoAnswer("timeout") from None
    except (httpcore2.ProtocolError, httpcore2.ReadError, httpcore2.WriteError):
        raise NoAnswer("cut") from None
    except httpcore2.ConnectError as error:
        raise NoAnswer("certificate" if isinstance(error.__cause__, ssl.SSLError) else "unreachable") from None
    except (httpcore2.UnsupportedProtocol, UnicodeError, ValueError):
        raise NoAnswer("address", never=True) from None


def _resolved(host: str, port: int) -> Sequence[_Found]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def public(text: str) -> bool:
    """Tell whether an address is on the public internet, not on this machine, its network, or a cloud's own."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _TRANSLATED:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return address.is_global and not address.is_multicast and not address.is_reserved


class _Dial(httpcore2.NetworkBackend):
    """Connects to an address that may be connected to."""

    def __init__(
        self,
        clock: Callable[[], float],
        until: float,
        resolve: Callable[[str, int], Sequence[_Found]],
        *,
        private: bool,
    ) -> None:
        self._clock, self._until, self._resolve, self._private = clock, until, resolve, private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        del timeout, local_address, socket_options
        try:
            found = self._resolve(host.strip("[]"), port)
        except OSError:
            raise NoAnswer("unknown-host") from None
        allowed = [one for one in found if self._private or public(one[4][0])]
        if not allowed:
            raise NoAnswer("private-address", never=True)
        for family, kind, protocol, _, address in allowed:
            line = socket.socket(family, kind, protocol)
            try:
                line.settimeout(_left(self._clock, self._until))
                line.connect(address)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                line.close()
                continue
            except BaseException:
                line.close()
                raise
            return _Line(line, self._clock, self._until)
        _left(self._clock, self._until)
        raise NoAnswer("unreachable")


class _Line(httpcore2.NetworkStream):
    """A connection that ends at a set time."""

    def __init__(self, line: socket.socket, clock: Callable[[], float], until: float) -> None:
        self._line, self._clock, self._until = line, clock, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        with self._timed(httpcore2.ReadError):
            return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        rest = memoryview(buffer)
        while rest:
            with self._timed(httpcore2.WriteError):
                rest = rest[self._line.send(rest) :]

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        del timeout
        try:
            with self._timed(httpcore2.ConnectError):
                self._line = ssl_context.wrap_socket(self._line, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._line if info == "ssl_object" and isinstance(self._line, ssl.SSLSocket) else None

    @contextmanager
    def _timed(self, kind: type[Exception]) -> Iterator[None]:
        self._line.settimeout(_left(self._clock, self._until))
        try:
            yield
        except TimeoutError as error:
            raise httpcore2.ReadTimeout from error
        except OSError as error:
            raise kind(type(error).__name__) from error


def _left(clock: Callable[[], float], until: float) -> float:
    left = until - clock()
    if left <= 0:
        raise httpcore2.ReadTimeout
    return left
