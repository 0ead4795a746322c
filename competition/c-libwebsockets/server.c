// WebSocket echo server on libwebsockets, with libuv as its event loop (its own is poll, which takes longer
// the more connections there are). libwebsockets sets TCP_NODELAY and listens with SOMAXCONN, 4096, by
// itself.

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { kMessageBytes = 1 << 20, kReadBytes = 65536 };

// A message in the making, and then the echo that waits to be written.
struct session {
  unsigned char* buffer;  // LWS_PRE bytes that lws_write fills, and the message
  size_t capacity;        // of the message
  size_t size;
  bool is_binary;
  bool is_complete;
};

static bool append(struct session* session, const void* data, size_t size) {
  const size_t needed = session->size + size;
  if (needed > kMessageBytes) return false;
  if (session->buffer == NULL || needed > session->capacity) {
    const size_t capacity = needed > 2 * session->capacity ? needed : 2 * session->capacity;
    unsigned char* buffer = realloc(session->buffer, LWS_PRE + capacity);
    if (buffer == NULL) return false;
    session->buffer = buffer;
    session->capacity = capacity;
  }
  memcpy(session->buffer + LWS_PRE + session->size, data, size);
  session->size = needed;
  return true;
}

// A message comes in parts: one for each fragment, and for every kReadBytes of it.
static int receive(struct lws* wsi, struct session* session, const void* data, size_t size) {
  if (lws_is_first_fragment(wsi)) {
    session->size = 0;
    session->is_binary = lws_frame_is_binary(wsi);
  }
  if (!append(session, data, size)) {
    lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
    return -1;
  }
  session->is_complete = lws_is_final_fragment(wsi);
  if (session->is_complete) {
    lws_rx_flow_control(wsi, 0);  // the buffer is taken until the echo is written
    lws_callback_on_writable(wsi);
  }
  return 0;
}

// Called at other times, too: when libwebsockets has written what the kernel would not take at once.
static int write_echo(struct lws* wsi, struct session* session) {
  if (!session->is_complete) return 0;
  session->is_complete = false;
  const enum lws_write_protocol type = session->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  if (lws_write(wsi, session->buffer + LWS_PRE, session->size, type) < 0) return -1;
  lws_rx_flow_control(wsi, 1);
  return 0;
}

static int on_event(struct lws* wsi, enum lws_callback_reasons reason, void* user, void* data, size_t size) {
  switch (reason) {
    case LWS_CALLBACK_RECEIVE:
      return receive(wsi, user, data, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return write_echo(wsi, user);
    case LWS_CALLBACK_CLOSED:
      free(((struct session*)user)->buffer);
      return 0;
    default:
      return lws_callback_http_dummy(wsi, reason, user, data, size);
  }
}

// Otherwise libwebsockets, on libuv, first waits for every client's close.
static void on_signal(void* event_loop, int signal) {
  (void)event_loop, (void)signal;
  _exit(EXIT_SUCCESS);
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
  lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

  static const struct lws_protocols protocols[] = {
      {.name = "echo",
       .callback = on_event,
       .per_session_data_size = sizeof(struct session),
       .rx_buffer_size = kReadBytes},
      {0},
  };
  const char* address = from_environment("ADDRESS", NULL);
  // With IPv6 libwebsockets looks for an interface of that name, and listens on all when there is none.
  const bool is_ipv4 = address != NULL && strchr(address, ':') == NULL;
  static const lws_retry_bo_t no_pings = {0};  // by default a connection that was idle for 300 s gets one
  const struct lws_context_creation_info info = {
      .port = atoi(from_environment("PORT", "8000")),
      .iface = address,
      .protocols = protocols,
      .retry_and_idle_policy = &no_pings,
      .signal_cb = on_signal,
      .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                 (is_ipv4 ? LWS_SERVER_OPTION_DISABLE_IPV6 : 0),
  };
  struct lws_context* context = lws_create_context(&info);
  if (context == NULL) {
    fputs("c-libwebsockets: cannot listen\n", stderr);
    return EXIT_FAILURE;
  }
  while (lws_service(context, 0) >= 0) {
  }
  return EXIT_FAILURE;
}
