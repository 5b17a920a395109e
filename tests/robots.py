"""Providers of group robots on this machine: each checks a request as its provider documents it, or plays a fault."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Told = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Came:
    """A request as it was on the wire."""

    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark, decoded once."""
        return {name: texts[0] for name, texts in parse_qs(urlsplit(self.target).query, strict_parsing=True).items()}

    @property
    def said(self) -> Any:
        """What was sent as JSON."""
        return json.loads(self.body)


@dataclass
class Provider:
    """A server: what came, and what it does next instead of judging it."""

    judge: Callable[[Came], Any]
    base: str = ""
    came: list[Came] = field(default_factory=list)
    plays: deque[Callable[[Handler], None]] = field(default_factory=deque)
    closing: threading.Event = field(default_factory=threading.Event)
    dripped: int = 0


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_POST(self) -> None:
        """Judge a request, or play what is next."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        came = Came(self.path, {name.lower(): text for name, text in self.headers.items()}, body)
        self.provider.came.append(came)
        with suppress(OSError):
            if self.provider.plays:
                self.provider.plays.popleft()(self)
            else:
                self.tell(200, {}, json.dumps(self.provider.judge(came)).encode())

    def tell(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer."""
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def tells(told: Any, status: int = 200, **headers: str) -> Callable[[Handler], None]:
    """Answer with *told*, as JSON unless it is bytes."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return lambda handler: handler.tell(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def hangs(handler: Handler) -> None:
    """Say nothing until the server closes."""
    handler.provider.closing.wait()


def drips(text: bytes) -> Callable[[Handler], None]:
    """Answer so slowly that every byte is in time and the whole never is."""

    def play(handler: Handler) -> None:
        for byte in text * 1000:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            handler.provider.dripped += 1
            if handler.provider.closing.wait(0.01):
                return

    return play


def floods(handler: Handler) -> None:
    """Answer with more than anybody wants to read."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 40))
    handler.end_headers()
    while not handler.provider.closing.is_set():
        handler.wfile.write(b'{"errcode": 0, "more": "' + b"x" * 65536)


def cuts(handler: Handler) -> None:
    """Cut the connection in the middle of an answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of connections that break; whose judges do."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell only what is our mistake."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def provider(judge: Callable[[Came], Any], *, tls: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """Run a server, in *tls* where it is given."""
    made = Provider(judge)
    handler = type("Own", (Handler,), {"provider": made})
    server = Quiet(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        made.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


# ---- what the providers document

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
SECRET = "SEC" + "0f" * 32


def _json(came: Came) -> Any:
    assert came.headers["content-type"].partition(";")[0].strip() == "application/json"
    assert b"\\u" not in came.body
    return came.said


def wecom(came: Came) -> Any:
    """Take markdown of at most 4,096 bytes and text of at most 2,048, for the robot with the key."""
    said = _json(came)
    assert urlsplit(came.target).path == "/cgi-bin/webhook/send"
    if came.query != {"key": KEY}:
        return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1], more info at https://open.work/e=93000"}
    most = {"markdown": 4096, "text": 2048}[said["msgtype"]]
    content = said[said["msgtype"]]["content"]
    if not content or len(content.encode()) > most:
        return {"errcode": 40058, "errmsg": f"markdown.content exceed max length {most}"}
    return {"errcode": 0, "errmsg": "ok"}


def dingtalk(now: float, secret: str = SECRET, keyword: str = "") -> Callable[[Came], Any]:
    """Take markdown of at most 20,000 bytes, signed within the hour, with the keyword in it."""

    def judge(came: Came) -> Any:
        said = _json(came)
        assert urlsplit(came.target).path == "/robot/send"
        if came.query["access_token"] != KEY:
            return {"errcode": 300005, "errmsg": "token is not exist"}
        if secret:
            stamp = came.query.get("timestamp", "0")
            if abs(int(stamp) / 1000 - now) > 3600:
                return {"errcode": 310000, "errmsg": "invalid timestamp, more: [https://ding-doc.dingtalk.com/doc]"}
            digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
            raw = urlsplit(came.target).query.partition("sign=")[2].partition("&")[0]
            if unquote(raw) != base64.b64encode(digest).decode():
                return {"errcode": 310000, "errmsg": "sign not match, more: [https://ding-doc.dingtalk.com/doc]"}
        if set(said) != {"msgtype", "markdown"} or not all(said["markdown"][part] for part in ("title", "text")):
            return {"errcode": 40035, "errmsg": "缺少参数 title"}
        if keyword and keyword not in said["markdown"]["text"] + said["markdown"]["title"]:
            return {"errcode": 310000, "errmsg": "keywords not in content, more: [https://ding-doc.dingtalk.com/doc]"}
        if len(came.body) > 20000:
            return {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}
        return {"errcode": 0, "errmsg": "ok"}

    return judge


def feishu(now: float, secret: str = SECRET, keyword: str = "") -> Callable[[Came], Any]:
    """Take cards in a request of at most 20 KB, signed within the hour."""

    def judge(came: Came) -> Any:
        said = _json(came)
        old = {"StatusCode": 0, "StatusMessage": ""}
        if urlsplit(came.target).path != f"/open-apis/bot/v2/hook/{KEY}":
            return {**old, "code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        if secret:
            signed = hmac.new(f"{said.get('timestamp')}\n{secret}".encode(), b"", hashlib.sha256).digest()
            late = abs(int(said.get("timestamp", "0")) - now) > 3600
            if late or said.get("sign") != base64.b64encode(signed).decode():
                return {**old, "code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        if keyword and keyword not in json.dumps(said["card"], ensure_ascii=False):
            return {**old, "code": 19024, "msg": "Key Words Not Found"}
        if len(came.body) > 20 * 1024:
            return {**old, "code": 9499, "msg": "Bad Request"}
        assert said["msg_type"] == "interactive"
        assert said["card"]["header"]["title"]["tag"] == "plain_text"
        assert said["card"]["elements"]
        return {**old, "code": 0, "msg": "success", "data": {}}

    return judge
