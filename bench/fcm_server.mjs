// FCM's end of `bench/fcm.py`: HTTP/2 and HTTP/1.1 over TLS, each answer after a fixed time.
// node, because its HTTP/2 is written in C: it must not be what is measured.
import fs from 'node:fs';
import http2 from 'node:http2';

const [chainFile, latencyMs] = [process.argv[2], Number(process.argv[3])];
const pem = fs.readFileSync(chainFile);
const answer = Buffer.from('{\n  "name": "projects/demo/messages/0:1700000000000000%1a2b3c4d"\n}\n');
const type = 'application/json; charset=UTF-8';
let connections = 0;

const server = http2.createSecureServer({
  key: pem, cert: pem, allowHTTP1: true,
  settings: { maxConcurrentStreams: 100, initialWindowSize: 1 << 20 },
});
server.on('secureConnection', () => connections++);
server.on('stream', (stream) => {
  stream.on('error', () => {});
  stream.on('data', () => {});
  stream.on('end', () => setTimeout(() => {
    if (stream.destroyed) return;
    stream.respond({ ':status': 200, 'content-type': type });
    stream.end(answer);
  }, latencyMs));
});
server.on('request', (request, response) => {
  if (request.httpVersionMajor === 2) return; // Seen to above.
  request.resume();
  request.on('end', () => setTimeout(() => {
    response.setHeader('content-type', type);
    response.end(answer);
  }, latencyMs));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// A line asks how many connections there were since the last one; the end of input ends us.
process.stdin.on('data', () => { console.log(connections); connections = 0; });
process.stdin.on('end', () => process.exit());
