// WebSocket echo server on Deno.serve. Deno sets TCP_NODELAY and raises RLIMIT_NOFILE by itself.

function echo(request) {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return new Response(null, { status: 426 });
  }
  // idleTimeout: Deno would ping, and close, whoever is silent for 30 s.
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

Deno.serve(
  {
    hostname: Deno.env.get('ADDRESS') || '0.0.0.0',
    port: Number(Deno.env.get('PORT') || 8000),
    tcpBacklog: 4096,
    onListen() {}, // it would print where it listens
  },
  echo,
);
