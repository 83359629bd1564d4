"""What is hardly HTTP: whole requests as bytes, each on a connection of its own."""

END = b"\r\n\r\n"
HOST = b"Host: here\r\n"
TYPE = b"Content-Type: application/json\r\n"
POST = b"POST /api/v1/workspaces HTTP/1.1\r\n" + HOST + TYPE

REQUESTS: dict[str, bytes] = {
    "nonsense": b"nonsense" + END,
    "binary": bytes(range(256)) * 4 + END,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + END,
    "HTTP/0.9": b"GET /livez\r\n\r\n",
    "HTTP/1.0": b"GET /livez HTTP/1.0\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3.0": b"GET /livez HTTP/3.0\r\n" + HOST + b"\r\n",
    "HTTP/1.1.1": b"GET /livez HTTP/1.1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /livez HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "odd host": b"GET /livez HTTP/1.1\r\nHost: a b/c@d:99999\r\n\r\n",
    "empty host": b"GET /livez HTTP/1.1\r\nHost:\r\n\r\n",
    "host in other letters": b"GET /livez HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    "absolute target": b"GET http://evil.example/api/v1/users/me HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk by GET": b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
    "no slash": b"GET livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "two slashes": b"GET //livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "two slashes within": b"GET /api//v1/users/me HTTP/1.1\r\n" + HOST + b"\r\n",
    "trailing slash": b"GET /api/v1/users/me/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "fragment": b"GET /livez#x HTTP/1.1\r\n" + HOST + b"\r\n",
    "raw bytes in the target": b"GET /api/v1/\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "bad brackets in the target": b"GET http://[::1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "encoded everything": b"GET /%61%70%69/v1/users/me HTTP/1.1\r\n" + HOST + b"\r\n",
    "TRACE": b"TRACE /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "unknown method": b"BREW /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "lower-case method": b"get /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "method of 100 letters": b"A" * 100 + b" /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "long target": b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "very long target": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "line without end": b"GET /" + b"a" * 200_000,
    "100 headers": b"GET /livez HTTP/1.1\r\n" + HOST + b"X: 1\r\n" * 100 + b"\r\n",
    "10,000 headers": b"GET /livez HTTP/1.1\r\n" + HOST + b"X: 1\r\n" * 10_000 + b"\r\n",
    "long header": b"GET /livez HTTP/1.1\r\nX: " + b"a" * 30_000 + END,
    "very long header": b"GET /livez HTTP/1.1\r\nX: " + b"a" * 300_000 + END,
    "header without end": b"GET /livez HTTP/1.1\r\nX: " + b"a" * 300_000,
    "header without colon": b"GET /livez HTTP/1.1\r\nnonsense\r\n\r\n",
    "header without name": b"GET /livez HTTP/1.1\r\n: x\r\n\r\n",
    "header with a blank in its name": b"GET /livez HTTP/1.1\r\nX Y: x\r\n\r\n",
    "blank before the colon": b"GET /livez HTTP/1.1\r\nHost : here\r\n\r\n",
    "folded header": b"GET /livez HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
    "NUL in a header": b"GET /livez HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    "bare CR in a header": b"GET /livez HTTP/1.1\r\nX: a\rb\r\n\r\n",
    "bare LF": b"GET /livez HTTP/1.1\nHost: here\n\n",
    "underscores": b"GET /livez HTTP/1.1\r\nContent_Length: 5\r\nX_Forwarded_For: a\r\n\r\n",
    "proxy line": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /livez HTTP/1.1\r\n\r\n",
    "empty lines before": b"\r\n\r\n\r\nGET /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "the same length twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "list of lengths": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "negative length": POST + b"Content-Length: -1\r\n\r\n{}",
    "signed length": POST + b"Content-Length: +2\r\n\r\n{}",
    "hexadecimal length": POST + b"Content-Length: 0x2\r\n\r\n{}",
    "length in other digits": POST + b"Content-Length: \xb2\r\n\r\n{}",
    "length of 5,000 digits": POST + b"Content-Length: " + b"9" * 5_000 + END,
    "length of 2^64": POST + b"Content-Length: 18446744073709551616\r\n\r\n",
    "length with underscore": POST + b"Content-Length: 1_0\r\n\r\n{}",
    "empty length": POST + b"Content-Length:\r\n\r\n{}",
    "body without length": POST + b"\r\n{}",
    "coded twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "gzip and chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "gzip alone": POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n{}",
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding in odd case": POST + b"tRANSFER-eNCODING: cHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "coding with vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "negative chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "huge chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
    "chunk size 2^31": POST + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n{}",
    "chunk with zeros": POST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"0" * 50
    + b"2\r\n{}\r\n0"
    + END,
    "chunk longer than said": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "chunk with bare LF": POST + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
    "chunk extension": POST + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n",
    "long chunk extension": POST + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 20_000 + END,
    "100,000 small chunks": POST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"1\r\n \r\n" * 100_000
    + b"0\r\n\r\n",
    "chunks over the limit": POST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 17
    + b"0\r\n\r\n",
    "forbidden trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
    "bad trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n",
    "many trailers": POST
    + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    + b"X: 1\r\n" * 20_000
    + b"\r\n",
    "unknown expectation": POST + b"Expect: a-miracle\r\nContent-Length: 2\r\n\r\n{}",
    "upgrade": b"GET /livez HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "upgrade to h2c": b"GET /livez HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\n\r\n",
    "smuggled request": POST + b"Content-Length: 2\r\n\r\n{}GET /nowhere HTTP/1.1\r\n\r\n",
    "contradicting schemes": b"GET /livez HTTP/1.1\r\nX-Forwarded-Proto: https\r\n"
    b"X-Forwarded-Ssl: off\r\n\r\n",
    "range": b"GET /openapi.json HTTP/1.1\r\nHost: here\r\nRange: bytes="
    + b"0-1," * 500
    + b"0-1"
    + END,
}
