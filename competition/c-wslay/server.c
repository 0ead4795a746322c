// WebSocket echo server on wslay and epoll, one thread. wslay knows frames, messages, ping, close and UTF-8;
// sockets and the HTTP of the handshake are the program's.

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum { kBacklog = 4096, kMessageBytes = 1 << 20, kRequestBytes = 8192, kEvents = 512 };

struct client {
  int socket;
  uint32_t events;                  // what epoll watches for
  wslay_event_context_ptr context;  // NULL until the handshake is done
  size_t request_size;
  char* request;  // freed with the handshake
};

static ssize_t read_socket(wslay_event_context_ptr context, uint8_t* data, size_t size, int flags,
                           void* user) {
  (void)flags;
  const struct client* client = user;
  const ssize_t got = recv(client->socket, data, size, 0);
  if (got > 0) return got;
  const bool would_block = got < 0 && (errno == EAGAIN || errno == EINTR);
  wslay_event_set_error(context, would_block ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static ssize_t write_socket(wslay_event_context_ptr context, const uint8_t* data, size_t size, int flags,
                            void* user) {
  const struct client* client = user;
  const ssize_t sent =
      send(client->socket, data, size, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
  if (sent >= 0) return sent;
  const bool would_block = errno == EAGAIN || errno == EINTR;
  wslay_event_set_error(context, would_block ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static void echo(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg* received,
                 void* user) {
  (void)user;
  if (wslay_is_ctrl_frame(received->opcode)) return;
  const struct wslay_event_msg message = {received->opcode, received->msg, received->msg_length};
  wslay_event_queue_msg(context, &message);
}

static const struct wslay_event_callbacks kCallbacks = {
    .recv_callback = read_socket, .send_callback = write_socket, .on_msg_recv_callback = echo};

// The value of a header in a request that ends with an empty line; 0 when there is none.
static size_t find_header(const char* request, const char* name, const char** value) {
  const size_t length = strlen(name);
  for (const char* line = strstr(request, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
    line += 2;
    if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
    *value = line + length + 1;
    *value += strspn(*value, " \t");
    return strcspn(*value, " \t\r");
  }
  return 0;
}

// The answer to the request; its size, 0 if that is not a WebSocket handshake.
static size_t answer_handshake(const char* request, char* answer, size_t size) {
  const char* key = NULL;
  const size_t key_length = find_header(request, "Sec-WebSocket-Key", &key);
  if (key_length == 0 || strncmp(request, "GET ", 4) != 0) return 0;

  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  uint8_t digest[SHA1_DIGEST_SIZE];
  struct sha1_ctx sha1;
  sha1_init(&sha1);
  sha1_update(&sha1, key_length, (const uint8_t*)key);
  sha1_update(&sha1, sizeof guid - 1, (const uint8_t*)guid);
  sha1_digest(&sha1, sizeof digest, digest);
  char accept[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) + 1] = {0};
  base64_encode_raw(accept, sizeof digest, digest);

  const int length = snprintf(answer, size,
                              "HTTP/1.1 101 Switching Protocols\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: %s\r\n\r\n",
                              accept);
  return (size_t)length;
}

// Reads the request; false when the connection is to be closed. A client has nothing to say before it has the
// answer, and the answer fits into an empty send buffer.
static bool shake_hands(struct client* client) {
  const size_t room = kRequestBytes - client->request_size;
  const ssize_t got = recv(client->socket, client->request + client->request_size, room, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0 || (size_t)got == room) return false;
  client->request_size += (size_t)got;
  client->request[client->request_size] = '\0';
  if (strstr(client->request, "\r\n\r\n") == NULL) return true;

  char answer[256];
  const size_t size = answer_handshake(client->request, answer, sizeof answer);
  if (size == 0 || send(client->socket, answer, size, MSG_NOSIGNAL) != (ssize_t)size) return false;
  free(client->request);
  client->request = NULL;
  if (wslay_event_context_server_init(&client->context, &kCallbacks, client) != 0) return false;
  wslay_event_config_set_max_recv_msg_length(client->context, kMessageBytes);
  return true;
}

static bool exchange_messages(struct client* client, int epoll) {
  wslay_event_context_ptr context = client->context;
  if (wslay_event_want_read(context) && wslay_event_recv(context) != 0) return false;
  if (wslay_event_want_write(context) && wslay_event_send(context) != 0) return false;

  const uint32_t events =
      (wslay_event_want_read(context) ? EPOLLIN : 0) | (wslay_event_want_write(context) ? EPOLLOUT : 0);
  if (events != 0 && events != client->events) {
    struct epoll_event event = {.events = events, .data.ptr = client};
    epoll_ctl(epoll, EPOLL_CTL_MOD, client->socket, &event);
    client->events = events;
  }
  return events != 0;
}

static void release(struct client* client) {
  if (client->context != NULL) wslay_event_context_free(client->context);
  close(client->socket);
  free(client->request);
  free(client);
}

static void accept_clients(int listener, int epoll) {
  int socket;
  while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct client* client = calloc(1, sizeof *client);
    char* request = malloc(kRequestBytes + 1);
    if (client == NULL || request == NULL) {
      free(client);
      free(request);
      close(socket);
      continue;
    }
    *client = (struct client){.socket = socket, .events = EPOLLIN, .request = request};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) release(client);
  }
}

// A socket that listens, or -1. TCP_NODELAY is inherited by what it accepts.
static int listen_on(const char* address, const char* port) {
  const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
  struct addrinfo* found;
  if (getaddrinfo(address, port, &hints, &found) != 0) return -1;
  const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const bool listens =
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
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (listener < 0 || epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
    perror("c-wslay: cannot listen");
    return EXIT_FAILURE;
  }
  for (;;) {
    struct epoll_event events[kEvents];
    const int count = epoll_wait(epoll, events, kEvents, -1);
    for (int i = 0; i < count; ++i) {
      struct client* client = events[i].data.ptr;
      if (client == NULL) {
        accept_clients(listener, epoll);
      } else if (client->context == NULL ? !shake_hands(client) : !exchange_messages(client, epoll)) {
        release(client);
      }
    }
  }
}
