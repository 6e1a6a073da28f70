"""A bound on what a client may send before its request is understood."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 1 << 20
"""Bytes; what arrives in one piece with the head, the start of a body, counts as well."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's fast protocol, which by itself collects headers without end.

    Sensible limits are those of ``limits.Gate``, which answers as it should; this one only
    keeps a single client from filling the memory before the Gate sees the request.
    """

    _head = 0

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        if self._head > LARGEST_HEAD:
            self.send_400_response("The head of the request is too large.")
            return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)
