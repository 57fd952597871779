namespace PaaS.EndToEnd;

/// <summary>An app that answers all that the zero-downtime proof asks: GET, a digest of uploads, slowly, and a WebSocket that echoes.</summary>
internal static class ProofApp
{
    private const string Server = """
        const http = require('http'), crypto = require('crypto');
        const sessions = new Set();
        const server = http.createServer((request, response) => {
          const digest = crypto.createHash('sha256');
          request.on('data', (bytes) => digest.update(bytes));
          request.on('end', () => {
            const text = request.method === 'POST' ? digest.digest('hex') : JSON.stringify({ code: 'CODE', proof: process.env.PAAS_PROOF || null });
            setTimeout(() => response.end(text), request.url === '/slow' ? 400 : 0);
          });
        });
        const frame = (kind, payload) => Buffer.concat([Buffer.from([0x80 | kind, payload.length]), payload]);
        server.on('upgrade', (request, socket, head) => {
          const accept = crypto.createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
          socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' + accept + '\r\n\r\n');
          sessions.add(socket);
          socket.on('close', () => sessions.delete(socket));
          socket.on('error', () => socket.destroy());
          let rest = head;
          const read = (bytes) => {
            rest = Buffer.concat([rest, bytes]);
            // Short masked frames alone: one byte of kind, one of length, four of mask.
            while (rest.length >= 6 && rest.length >= 6 + (rest[1] & 127)) {
              const kind = rest[0] & 15, length = rest[1] & 127, mask = rest.subarray(2, 6);
              const payload = Buffer.from(rest.subarray(6, 6 + length)).map((byte, i) => byte ^ mask[i % 4]);
              rest = rest.subarray(6 + length);
              socket.write(frame(kind, payload));
              if (kind === 8) socket.end();
            }
          };
          socket.on('data', read);
          read(Buffer.alloc(0));
        });
        server.listen(process.env.PORT);
        process.on('SIGTERM', () => {
          for (const socket of sessions) socket.end(frame(8, Buffer.from([3, 233])));
          server.close(() => process.exit(0));
        });
        """;

    public static (string, string)[] Files(string code) =>
        [("Procfile", "web: node server.js\nworker: node -e 'setInterval(() => {}, 1000)'\n"), ("server.js", Server.Replace("CODE", code, StringComparison.Ordinal))];
}
