'use strict';

// WebSocket echo server on ws. ws sets TCP_NODELAY and node raises RLIMIT_NOFILE by themselves.

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: process.env.ADDRESS || undefined,
  port: Number(process.env.PORT || 8000),
  backlog: 4096,
  perMessageDeflate: false,
});

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => {}); // without a listener one client's reset would end the process
});
