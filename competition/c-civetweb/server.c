// WebSocket echo server on CivetWeb: a thread per connection, all of them started beforehand.

#include <civetweb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { kMessageBytes = 1 << 20 };

// CivetWeb has no more connections than threads. Each thread's sigaction takes the kernel longer the more threads there
// are: twice as many take four times as long to start, these a few seconds.
#define THREADS "10240"

// What has come of a fragmented message. CivetWeb hands over frames.
struct message {
  int opcode;
  size_t size;
  char* data;
};

static int on_connect(const struct mg_connection* connection, void* unused) {
  (void)unused;
  struct message* message = calloc(1, sizeof *message);
  if (message == NULL) return 1;
  mg_set_user_connection_data(connection, message);
  return 0;
}

static void on_ready(struct mg_connection* connection, void* unused) {
  (void)connection, (void)unused;
}

static bool append(struct message* message, const char* data, size_t size) {
  if (message->size + size > kMessageBytes) return false;
  char* grown = realloc(message->data, message->size + size + 1);
  if (grown == NULL) return false;
  memcpy(grown + message->size, data, size);
  message->data = grown;
  message->size += size;
  return true;
}

// 1 keeps the connection.
static int on_data(struct mg_connection* connection, int opcode, const char* data, size_t size) {
  const bool is_final = (opcode & 0x80) != 0;
  opcode &= 0x0F;
  struct message* message = mg_get_user_connection_data(connection);
  if (is_final && opcode != MG_WEBSOCKET_OPCODE_CONTINUATION) {
    return mg_websocket_write(connection, opcode, data, size) >= 0;
  }
  if (opcode != MG_WEBSOCKET_OPCODE_CONTINUATION) {
    message->opcode = opcode;
    message->size = 0;
  }
  if (!append(message, data, size)) return 0;
  if (!is_final) return 1;
  const int written = mg_websocket_write(connection, message->opcode, message->data, message->size);
  free(message->data);
  *message = (struct message){0};
  return written >= 0;
}

static int on_frame(struct mg_connection* connection, int opcode, char* data, size_t size, void* unused) {
  (void)unused;
  switch (opcode & 0x0F) {
    case MG_WEBSOCKET_OPCODE_PING:
      return mg_websocket_write(connection, MG_WEBSOCKET_OPCODE_PONG, data, size) >= 0;
    case MG_WEBSOCKET_OPCODE_PONG:
      return 1;
    case MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE:
      mg_websocket_write(connection, MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE, data, size);
      return 0;
    default:
      return on_data(connection, opcode, data, size);
  }
}

static void on_close(const struct mg_connection* connection, void* unused) {
  (void)unused;
  struct message* message = mg_get_user_connection_data(connection);
  if (message != NULL) free(message->data);
  free(message);
}

static const char* from_environment(const char* name, const char* otherwise) {
  const char* value = getenv(name);
  return value != NULL && *value != '\0' ? value : otherwise;
}

static void raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Before the first thread is there to serve a request.
static void set_handlers(const struct mg_context* context) {
  mg_set_websocket_handler((struct mg_context*)context, "**", on_connect, on_ready, on_frame, on_close, NULL);
}

static struct mg_context* listen_on(const char* ports) {
  // clang-format off
  const char* options[] = {
      "listening_ports", ports,
      "listen_backlog", "4096",
      "connection_queue", "4096",
      "num_threads", THREADS,
      "tcp_nodelay", "1",
      // For as long a client may be idle; 0 stands for the default of 30 s.
      "websocket_timeout_ms", "2000000000",
      "request_timeout_ms", "2000000000",
      // A thread has a buffer of this size from its start.
      "max_request_size", "4096",
      NULL};
  // clang-format on
  static const struct mg_callbacks callbacks = {.init_context = set_handlers};
  return mg_start(&callbacks, NULL, options);
}

int main(void) {
  raise_file_limit();
  mg_init_library(0);
  const char* address = from_environment("ADDRESS", NULL);
  const char* port = from_environment("PORT", "8000");
  char ports[128];
  snprintf(ports, sizeof ports, "%s%s%s", address != NULL ? address : "+", address != NULL ? ":" : "", port);
  struct mg_context* context = listen_on(ports);
  // The plus takes IPv6 and IPv4; a kernel without IPv6 has only the other.
  if (context == NULL && address == NULL) context = listen_on(port);
  if (context == NULL) {
    fputs("c-civetweb: cannot listen\n", stderr);
    return EXIT_FAILURE;
  }
  for (;;) pause();
}
