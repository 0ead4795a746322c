# Thin with what its command line does not offer: a backlog beyond EventMachine's 100.

require "faye/websocket"
require "socket"
require "thin"

class Backend < Thin::Backends::TcpServer
  def initialize(host, port, _options)
    super(host, port)
  end

  def connect
    listener = TCPServer.new(@host, @port)
    listener.listen(4096)
    @signature = EventMachine.attach_server(listener, Thin::Connection, &method(:initialize_connection))
  end
end

hard_limit = Process.getrlimit(:NOFILE).last
Process.setrlimit(:NOFILE, hard_limit)

Faye::WebSocket.load_adapter("thin")
Thin::Logging.silent = true
application, = Rack::Builder.parse_file(File.expand_path("../ruby-faye-puma/config.ru", __dir__))
address = ENV["ADDRESS"].to_s.empty? ? "0.0.0.0" : ENV["ADDRESS"]
server = Thin::Server.new(address, Integer(ENV.fetch("PORT", 8000)), application, backend: Backend,
                          signals: false) # it would wait for its clients to leave
server.maximum_connections = hard_limit
server.timeout = 0 # seconds of silence, 30 otherwise; 0 is for ever
server.start
