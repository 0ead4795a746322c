'use strict';

// WebSocket echo server on ws, a process per core: node's cluster, whose primary accepts and hands the connections out
// in turn; its workers leave when it is gone. ws sets TCP_NODELAY and node raises RLIMIT_NOFILE by themselves.

const cluster = require('cluster');
const { availableParallelism } = require('os');
const { WebSocketServer } = require('ws');

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork();
} else {
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
}
