-- WebSocket echo server on lua-http and cqueues, a coroutine per connection.

local ce = require "cqueues.errno"
local cs = require "cqueues.socket"
local http_server = require "http.server"
local http_websocket = require "http.websocket"

local BACKLOG = 4096

local function echo(_, stream)
  local headers = stream:get_headers()
  local client = headers and http_websocket.new_from_stream(stream, headers)
  if not client or not client:accept() then
    return
  end
  for message, kind in client:each() do
    if not client:send(message, kind) then
      break
    end
  end
  client:close()
end

local function from_environment(name, otherwise)
  local value = os.getenv(name)
  return value and value ~= "" and value or otherwise
end

local server = http_server.new {
  socket = cs.listen {
    host = from_environment("ADDRESS", "0.0.0.0"),
    port = tonumber(from_environment("PORT", "8000")),
    nodelay = true,
    backlog = BACKLOG,
  },
  tls = false,
  max_concurrent = math.huge,
  onstream = echo,
  onerror = function() end, -- a client that is gone
}
assert(server:loop())
