'use strict';

// WebSocket echo server on faye-websocket. node's http sets TCP_NODELAY, and raises RLIMIT_NOFILE.

const http = require('http');
const WebSocket = require('faye-websocket');

const server = http.createServer((request, response) => response.writeHead(426).end());

server.on('upgrade', (request, socket, head) => {
  const websocket = new WebSocket(request, socket, head);
  websocket.on('message', (event) => websocket.send(event.data));
});

server.listen({ host: process.env.ADDRESS || undefined, port: Number(process.env.PORT || 8000), backlog: 4096 });
