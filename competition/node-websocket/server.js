'use strict';

// WebSocket echo server on the package "websocket", which sets TCP_NODELAY by itself; node raises RLIMIT_NOFILE.

const http = require('http');
const { server: WebSocketServer } = require('websocket');

const httpServer = http.createServer((request, response) => response.writeHead(426).end());

const server = new WebSocketServer({
  httpServer,
  keepalive: false, // its pings would close clients that are slow to answer under load
  maxReceivedFrameSize: 1 << 20, // 64 KiB otherwise
  maxReceivedMessageSize: 1 << 20,
  fragmentOutgoingMessages: false,
});

server.on('request', (request) => {
  const connection = request.accept(null, request.origin);
  connection.on('message', (message) => {
    if (message.type === 'utf8') {
      connection.sendUTF(message.utf8Data);
    } else {
      connection.sendBytes(message.binaryData);
    }
  });
});

httpServer.listen({ host: process.env.ADDRESS || undefined, port: Number(process.env.PORT || 8000), backlog: 4096 });
