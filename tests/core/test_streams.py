"""Streams of news: readers are told, the dead are dropped, and a server that can't give its connection away answers itself."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator

import pytest

from core.streams import NewsStream, Streams, take_over
from tests.plugin import wait_until

Connect = Callable[..., socket.socket]


@pytest.fixture
def streams() -> Streams:
    made = Streams()
    made.start()
    return made


@pytest.fixture
def connected(streams: Streams) -> Iterator[Connect]:
    """Makes a browser's end of a connection whose other end is held."""
    ends: list[socket.socket] = []

    def connect(buffer: int = 0) -> socket.socket:
        ours, theirs = socket.socketpair()
        ends.append(theirs)
        if buffer:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        assert take_over(NewsStream(), {"gunicorn.socket": ours}, streams)
        assert ours.fileno() == -1  # the server has nothing left to close
        return theirs

    yield connect
    for end in ends:
        end.close()
    assert wait_until(lambda: len(streams) == 0)


@pytest.fixture
def reader(connected: Connect) -> socket.socket:
    """One who has heard what came before."""
    connection = connected()
    assert b"event: news" in heard(connection, b"event: news")
    return connection


def heard(connection: socket.socket, until: bytes) -> bytes:
    """What comes, up to these words or for five seconds."""
    said = b""
    while until not in said and select.select([connection], [], [], 5)[0]:
        if not (more := connection.recv(4096)):
            break
        said += more
    return said


def test_a_reader_is_told_of_what_came_before_and_of_every_news_since(streams: Streams, reader: socket.socket) -> None:
    for _ in range(3):
        streams.tell()
        assert b"event: news" in heard(reader, b"event: news")


def test_all_readers_are_told_however_many(streams: Streams, connected: Connect) -> None:
    readers = [connected() for _ in range(35)]
    for one in readers:
        heard(one, b"event: news")
    streams.tell()
    assert all(b"event: news" in heard(one, b"event: news") for one in readers)


def test_a_reader_who_left_is_forgotten(streams: Streams, reader: socket.socket) -> None:
    assert len(streams) == 1
    reader.close()
    assert wait_until(lambda: len(streams) == 0)


def test_a_reader_who_does_not_read_is_dropped_and_the_others_hear(
    streams: Streams, reader: socket.socket, connected: Connect
) -> None:
    connected(buffer=1)
    assert wait_until(lambda: len(streams) == 2)

    def is_dropped() -> bool:
        streams.tell()
        heard(reader, b"event: news")
        return len(streams) == 1

    assert wait_until(is_dropped)
    streams.tell()
    assert b"event: news" in heard(reader, b"event: news")


def test_the_stream_says_no_more_than_that_there_is_news(connected: Connect) -> None:
    head, _, body = heard(connected(), b"event: news\ndata:1\n\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Type: text/event-stream" in head
    assert b"no-store" in head
    assert body == b"retry: 1000\n\nevent: news\ndata:1\n\n"


@pytest.mark.parametrize("environ", [{}, {"gunicorn.socket": None}, {"gunicorn.socket": object(), "HTTP_VERSION": "2"}])
def test_a_connection_that_is_not_the_readers_alone_stays_with_the_server(
    streams: Streams, environ: dict[str, object]
) -> None:
    assert not take_over(NewsStream(), environ, streams)
    assert len(streams) == 0
