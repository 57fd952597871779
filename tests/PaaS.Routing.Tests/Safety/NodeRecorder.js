// A back end on Node's own HTTP server, without leniency. It tells what it saw, one JSON object a line.
const http = require('http');
const tell = what => process.stdout.write(JSON.stringify(what) + '\n');
const base64 = text => Buffer.from(text, 'latin1').toString('base64');
let open = 0;
const serve = (request, response) => {
  open++;
  let told = false;
  const chunks = [];
  const record = () => {
    if (told) return;
    told = true;
    open--;
    tell({
      method: request.method, target: base64(request.url), version: request.httpVersion, headers: request.rawHeaders.map(base64),
      body: Buffer.concat(chunks).toString('base64'), trailers: request.rawTrailers.map(base64), whole: request.complete,
    });
  };
  request.on('data', chunk => chunks.push(chunk));
  request.on('close', record);
  request.on('error', record);
  request.on('end', () => {
    record();
    response.setHeader('X-Seen', base64(request.url));
    response.setHeader('Content-Length', Buffer.byteLength(request.url, 'latin1'));
    response.end(request.method === 'HEAD' ? undefined : Buffer.from(request.url, 'latin1'));
  });
};
const server = http.createServer({ maxHeaderSize: 1 << 20, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, serve);
server.maxHeadersCount = 0;
server.on('checkContinue', serve);
server.on('checkExpectation', serve);
server.on('connect', (request, socket) => {
  tell({ fault: 'CONNECT ' + request.url });
  socket.destroy();
});
server.on('clientError', (error, socket) => {
  if (error.code !== 'ECONNRESET') {
    tell({ fault: error.code, bytes: error.rawPacket ? error.rawPacket.toString('base64') : '' });
  }
  socket.destroy();
});
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
let line = '';
process.stdin.on('data', text => {
  line += text;
  while (line.includes('\n')) {
    tell({ sync: line.slice(0, line.indexOf('\n')), open });
    line = line.slice(line.indexOf('\n') + 1);
  }
});
process.stdin.on('end', () => process.exit());
