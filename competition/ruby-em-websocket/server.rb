# WebSocket echo server on em-websocket. EventMachine sets TCP_NODELAY by itself.

require "em-websocket"
require "socket"

Process.setrlimit(:NOFILE, Process.getrlimit(:NOFILE).last)

# Without epoll EventMachine would use select: 1,024 connections at most.
EventMachine.epoll
EventMachine.run do
  # EventMachine::WebSocket.run would listen with a backlog of 100, whence a socket of our own.
  listener = TCPServer.new(ENV["ADDRESS"], ENV.fetch("PORT", 8000))
  listener.listen(4096)
  EventMachine.attach_server(listener, EventMachine::WebSocket::Connection, {}) do |websocket|
    websocket.onmessage { |message| websocket.send_text(message) }
    websocket.onbinary { |message| websocket.send_binary(message) }
  end
end
