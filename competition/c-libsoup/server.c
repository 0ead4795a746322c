// WebSocket echo server on libsoup 3.

#include <libsoup/soup.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { kBacklog = 4096, kMessageBytes = 1 << 20 };

static void on_message(SoupWebsocketConnection* connection, int type, GBytes* message, gpointer unused) {
  (void)unused;
  if (soup_websocket_connection_get_state(connection) != SOUP_WEBSOCKET_STATE_OPEN) return;
  soup_websocket_connection_send_message(connection, type, message);
}

static void on_connection(SoupServer* server, SoupServerMessage* request, const char* path,
                          SoupWebsocketConnection* connection, gpointer unused) {
  (void)server, (void)request, (void)path, (void)unused;
  soup_websocket_connection_set_max_incoming_payload_size(connection, kMessageBytes);
  g_signal_connect(connection, "message", G_CALLBACK(on_message), NULL);
  g_signal_connect(connection, "closed", G_CALLBACK(g_object_unref), NULL);
  g_object_ref(connection);
}

// A socket of our own: SoupServer would listen with GSocket's default backlog of 10.
static GSocket* listen_on(const char* address, guint16 port, GError** error) {
  g_autoptr(GSocketAddress) endpoint = g_inet_socket_address_new_from_string(address, port);
  if (endpoint == NULL) {
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no IP address: %s", address);
    return NULL;
  }
  g_autoptr(GSocket) socket =
      g_socket_new(g_socket_address_get_family(endpoint), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL) return NULL;
  g_socket_set_listen_backlog(socket, kBacklog);
  g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);  // what is accepted inherits it
  if (!g_socket_bind(socket, endpoint, TRUE, error) || !g_socket_listen(socket, error)) return NULL;
  return g_steal_pointer(&socket);
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
  const guint16 port = (guint16)atoi(from_environment("PORT", "8000"));

  g_autoptr(SoupServer) server = soup_server_new(NULL, NULL);
  soup_server_remove_websocket_extension(server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_websocket_handler(server, NULL, NULL, NULL, on_connection, NULL, NULL);

  g_autoptr(GError) error = NULL;
  // The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
  g_autoptr(GSocket) socket = listen_on(address != NULL ? address : "::", port, &error);
  if (socket == NULL && address == NULL) {
    g_clear_error(&error);
    socket = listen_on("0.0.0.0", port, &error);
  }
  if (socket == NULL || !soup_server_listen_socket(server, socket, 0, &error)) {
    g_printerr("c-libsoup: %s\n", error->message);
    return EXIT_FAILURE;
  }
  g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
