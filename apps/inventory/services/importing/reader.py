"""Reads the JSON of `ansible-inventory --list` entry by entry, so that memory holds one host or one group at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

BLOCK = 1_048_576
SPACE = " \t\r\n"


class NotJSONError(ValueError):
    """The file is not what ansible-inventory writes."""


class Reader:
    """A JSON object as a stream of its entries."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.buffer, self.place, self.ended = file, "", 0, False
        self.decoder = json.JSONDecoder()

    def more(self) -> bool:
        """Read a further block; False at the end of the file."""
        block = self.file.read(BLOCK)
        self.buffer, self.place = self.buffer[self.place :] + block, 0
        self.ended = not block
        return bool(block)

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            while self.place < len(self.buffer) and self.buffer[self.place] in SPACE:
                self.place += 1
            if self.place < len(self.buffer):
                return self.buffer[self.place]
            if not self.more():
                return ""

    def take(self, char: str) -> None:
        """The next character, which must be this one."""
        if self.peek() != char:
            raise NotJSONError(f"Expected {char!r} in what ansible-inventory wrote.")
        self.place += 1

    def value(self) -> Any:
        """One whole value."""
        self.peek()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.place)
            except ValueError as error:
                if self.ended or not self.more():
                    raise NotJSONError("ansible-inventory wrote no valid JSON.") from error
                continue
            if end == len(self.buffer) and not self.ended and self.more():
                continue  # a number may go on in the next block
            self.place = end
            return value

    def keys(self) -> Iterator[str]:
        """The keys of an object, one after the other; the caller reads each value before the next key."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise NotJSONError("The keys of an object are text.")
            self.take(":")
            yield key
            if self.peek() != ",":
                break
            self.take(",")
        self.take("}")

    def entries(self) -> Iterator[tuple[str, str, Any]]:
        """("host", name, variables) and ("group", name, what is in it), in the order of the file."""
        for key in self.keys():
            if key != "_meta":
                yield "group", key, self.value()
                continue
            for part in self.keys():
                if part != "hostvars":
                    self.value()
                    continue
                for host in self.keys():
                    yield "host", host, self.value()
