# WebSocket echo server on the HTTP::Server of Crystal's standard library, a fiber per connection.

require "http/server"

BACKLOG = 4096

lib LibC
  struct Rlimit
    cur : UInt64
    max : UInt64
  end

  RLIMIT_NOFILE = 7

  fun getrlimit(resource : Int, limit : Rlimit*) : Int
  fun setrlimit(resource : Int, limit : Rlimit*) : Int
end

def raise_file_limit
  return unless LibC.getrlimit(LibC::RLIMIT_NOFILE, out limit) == 0
  limit.cur = limit.max
  LibC.setrlimit(LibC::RLIMIT_NOFILE, pointerof(limit))
end

def listener(address : String?, port : Int32) : TCPServer
  return TCPServer.new(address, port, backlog: BACKLOG) if address
  # The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
  begin
    TCPServer.new("::", port, backlog: BACKLOG)
  rescue Socket::Error
    TCPServer.new("0.0.0.0", port, backlog: BACKLOG)
  end
end

echo = HTTP::WebSocketHandler.new do |client|
  client.on_message { |text| client.send(text) }
  client.on_binary { |data| client.send(data) }
  client.on_close { |code, reason| client.close(code, reason) }
end

raise_file_limit
tcp = listener(ENV["ADDRESS"]?.presence, ENV.fetch("PORT", "8000").to_i)
tcp.tcp_nodelay = true # what is accepted inherits it
server = HTTP::Server.new([echo])
server.bind(tcp)
server.listen
