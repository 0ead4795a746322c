'use strict';

// WebSocket echo server on uWebSockets.js, which sets TCP_NODELAY by itself and has a backlog of 512. node raises
// RLIMIT_NOFILE.

const uWS = require('@trufflesuite/uws-js-unofficial');

const address = process.env.ADDRESS || '0.0.0.0';
const port = Number(process.env.PORT || 8000);

uWS
  .App()
  .ws('/*', {
    compression: uWS.DISABLED,
    idleTimeout: 0, // seconds; 0 is never
    maxPayloadLength: 1 << 20,
    maxBackpressure: 16 << 20, // echoes beyond it would be dropped
    message: (socket, message, isBinary) => socket.send(message, isBinary),
  })
  .listen(address, port, (listening) => {
    if (!listening) {
      console.error(`cannot listen on ${address}:${port}`);
      process.exit(1);
    }
  });
