// WebSocket echo server on Bun.serve. Bun sets TCP_NODELAY and raises RLIMIT_NOFILE by itself; its backlog is 512.

Bun.serve({
  hostname: process.env.ADDRESS || undefined,
  port: Number(process.env.PORT || 8000),
  idleTimeout: 0, // for a request to come, 10 s otherwise
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response(null, { status: 426 });
  },
  websocket: {
    message(socket, message) {
      socket.send(message);
    },
    idleTimeout: 0, // seconds; 0 is never
    perMessageDeflate: false,
  },
});
