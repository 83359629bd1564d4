"""Whole bodies: sizes, shapes, media types."""

import gzip

LIMIT = 1024 * 1024
JSON = {"Content-Type": "application/json"}

SHAPES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t",
    "null": b"null",
    "true": b"true",
    "number": b"5",
    "string": b'"x"',
    "empty array": b"[]",
    "array of objects": b"[{}]",
    "empty object": b"{}",
    "byte-order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"title":"a"}'.encode("utf-16"),
    "UTF-32": '{"title":"a"}'.encode("utf-32"),
    "Latin-1": '{"title":"\xe4"}'.encode("latin-1"),
    "trailing comma": b'{"title":"a",}',
    "two documents": b"{}{}",
    "lines of documents": b"{}\n{}\n",
    "comment": b'{"title":"a"/* b */}',
    "single quotes": b"{'title':'a'}",
    "unquoted key": b"{title:1}",
    "never ends": b'{"title":"',
    "60,000 [": b"[" * 60_000,
    "60,000 [ in a field": b'{"title":' + b"[" * 60_000,
    "20,000 nested objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "depth 33": b"[" * 33 + b"]" * 33,
    "depth 32": b'{"title":' + b"[" * 31 + b"]" * 31 + b"}",
    "depth 33 in a string": b'{"title":"' + b"[" * 33 + b'"}',
    "10,000 keys": b"{" + b",".join(b'"k%d":1' % n for n in range(10_000)) + b"}",
    "100,000 values": b'{"title":[' + b"0," * 100_000 + b"0]}",
    "a megabyte of [],": b"[" + b"[]," * (LIMIT // 3 - 1) + b"]",
    "the limit": b"{}".ljust(LIMIT),
    "one byte over the limit": b"{}".ljust(LIMIT + 1),
    "a megabyte of quotation marks": b'"' * (LIMIT - 1),
    "a megabyte of escapes": b'"' + b'\\"' * (LIMIT // 2 - 1),
    "NUL bytes": bytes(100),
    "every byte": bytes(range(256)),
    "pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "YAML": b"title: !!python/object/apply:os.system [id]",
}

# Bodies that would be good, sent as something else.
HEADERS: dict[str, dict[str, str]] = {
    "no type": {},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "a multipart form": {"Content-Type": "multipart/form-data; boundary=b"},
    "plain text": {"Content-Type": "text/plain"},
    "wrong charset": {"Content-Type": "application/json; charset=utf-16"},
    "unknown charset": {"Content-Type": "application/json; charset=nonsense"},
    "gzip": {**JSON, "Content-Encoding": "gzip"},
    "identity": {**JSON, "Content-Encoding": "identity"},
    "deflate": {**JSON, "Content-Encoding": "deflate, br"},
    "a merge patch": {"Content-Type": "application/merge-patch+json"},
    "a JSON patch": {"Content-Type": "application/json-patch+json"},
    "two types": {"Content-Type": "application/json, text/plain"},
    "an odd type": {"Content-Type": ";;=\xff/\"'"},
    "no accepted answer": {**JSON, "Accept": "text/html;q=0.5, image/*"},
}

COMPRESSED = gzip.compress(b'{"title":"a"}')
BOMB = gzip.compress(bytes(20 * LIMIT))
