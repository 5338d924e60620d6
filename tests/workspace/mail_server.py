"""A mail server on the loopback address that does as it is told: takes a letter, refuses it, or falls silent after it came."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Server:
    """`refuses` answers every recipient with 550; `is_silent` takes a letter and says nothing more."""

    port: int = 0
    refuses: bool = False
    is_silent: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)


class _Talk(socketserver.StreamRequestHandler):
    server: _Listener

    def handle(self) -> None:
        told = self.server.told
        self._say("220 mail.example ready")
        while line := self.rfile.readline():
            word = line.decode().strip().upper()
            if word.startswith("RCPT") and told.refuses:
                self._say("550 5.1.1 nobody of that name")
            elif word == "DATA":
                self._say("354 go on")
                self._take(told)
            elif word == "QUIT":
                self._say("221 goodbye")
                return
            else:
                self._say("250 fine")

    def _take(self, told: Server) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        told.letters.append(letter)
        told.came.set()
        if told.is_silent:
            told.goes_on.wait(30)
            return
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    told: Server

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever spoke to us was killed: that is what the test is about."""


@contextmanager
def mail_server() -> Iterator[Server]:
    told = Server()
    with _Listener(("127.0.0.1", 0), _Talk) as listener:
        listener.told = told
        told.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            told.goes_on.set()
            listener.shutdown()
            thread.join()
