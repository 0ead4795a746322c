# WebSocket echo server on httpuv. R has no setrlimit of its own: the file limit is the one that it is started with.

library(httpuv)

from_environment <- function(name, otherwise) {
  value <- Sys.getenv(name)
  if (nzchar(value)) value else otherwise
}

echo <- list(
  call = function(request) list(status = 426L, headers = list(), body = ""),
  onWSOpen = function(websocket) {
    # A raw message is sent as binary, a character string as text.
    websocket$onMessage(function(binary, message) websocket$send(message))
  }
)

runServer(from_environment("ADDRESS", "0.0.0.0"), as.integer(from_environment("PORT", "8000")), echo)
