# WebSocket echo: a Rack application on faye-websocket, for ruby-faye-puma and ruby-faye-thin.

require "faye/websocket"

echo = lambda do |env|
  return [426, {}, []] unless Faye::WebSocket.websocket?(env)

  websocket = Faye::WebSocket.new(env)
  # Binary data is an array of numbers, and sent as what it came as.
  websocket.on(:message) { |event| websocket.send(event.data) }
  websocket.rack_response
end

run echo
