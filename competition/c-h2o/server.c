// WebSocket echo server on libh2o with its own event loop (epoll) and wslay, one thread. libh2o sets
// TCP_NODELAY.

#include <arpa/inet.h>
#include <h2o.h>
#include <h2o/websocket.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { kBacklog = 4096, kMessageBytes = 1 << 20, kAcceptsAtOnce = 64 };

static h2o_accept_ctx_t accept_context;

// NULL stands for the end of the connection.
static void on_message(h2o_websocket_conn_t* client, const struct wslay_event_on_msg_recv_arg* received) {
  if (received == NULL) {
    h2o_websocket_close(client);
    return;
  }
  if (wslay_is_ctrl_frame(received->opcode)) return;
  const struct wslay_event_msg message = {received->opcode, received->msg, received->msg_length};
  wslay_event_queue_msg(client->ws_ctx, &message);
}

static int on_request(h2o_handler_t* handler, h2o_req_t* request) {
  (void)handler;
  const char* key;
  if (h2o_is_websocket_handshake(request, &key) != 0 || key == NULL) {
    h2o_send_error_400(request, "Bad Request", "a WebSocket handshake is expected", 0);
    return 0;
  }
  h2o_websocket_conn_t* client = h2o_upgrade_to_websocket(request, key, NULL, on_message);
  wslay_event_config_set_max_recv_msg_length(client->ws_ctx, kMessageBytes);
  return 0;
}

static void on_connections(h2o_socket_t* listener, const char* error) {
  if (error != NULL) return;
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    h2o_socket_t* socket = h2o_evloop_socket_accept(listener);
    if (socket == NULL) return;
    h2o_accept(&accept_context, socket);
  }
}

// A socket that listens, or -1.
static int listen_on(const char* address, const char* port) {
  const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
  struct addrinfo* found;
  if (getaddrinfo(address, port, &hints, &found) != 0) return -1;
  const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int listens =
      bind(listener, found->ai_addr, found->ai_addrlen) == 0 && listen(listener, kBacklog) == 0;
  freeaddrinfo(found);
  if (!listens && listener >= 0) close(listener);
  return listens ? listener : -1;
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

int main(void) {
  raise_file_limit();
  const char* address = from_environment("ADDRESS", NULL);
  const char* port = from_environment("PORT", "8000");
  // The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
  int listener = listen_on(address != NULL ? address : "::", port);
  if (listener < 0 && address == NULL) listener = listen_on("0.0.0.0", port);
  if (listener < 0) {
    perror("c-h2o: cannot listen");
    return EXIT_FAILURE;
  }

  h2o_globalconf_t config;
  h2o_config_init(&config);
  h2o_hostconf_t* host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
  h2o_pathconf_t* path = h2o_config_register_path(host, "/", 0);
  h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;

  h2o_context_t context;
  h2o_context_init(&context, h2o_evloop_create(), &config);
  accept_context = (h2o_accept_ctx_t){.ctx = &context, .hosts = config.hosts};
  h2o_socket_read_start(h2o_evloop_socket_create(context.loop, listener, H2O_SOCKET_FLAG_DONT_READ),
                        on_connections);
  while (h2o_evloop_run(context.loop, INT32_MAX) == 0) {
  }
  return EXIT_FAILURE;
}
