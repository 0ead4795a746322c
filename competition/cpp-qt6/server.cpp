// WebSocket echo server on Qt 6 WebSockets, one thread.

#include <sys/resource.h>

#include <QCoreApplication>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>
#include <QWebSocket>
#include <QWebSocketServer>

namespace {

constexpr int kBacklog = 4096;
constexpr quint64 kMessageBytes = 1 << 20;

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void serve(QWebSocket* client) {
  client->setMaxAllowedIncomingMessageSize(kMessageBytes);
  QObject::connect(client, &QWebSocket::textMessageReceived, client, &QWebSocket::sendTextMessage);
  QObject::connect(client, &QWebSocket::binaryMessageReceived, client, &QWebSocket::sendBinaryMessage);
  QObject::connect(client, &QWebSocket::disconnected, client, &QObject::deleteLater);
}

}  // namespace

int main(int argc, char** argv) {
  raise_file_limit();
  const QCoreApplication application(argc, argv);

  QWebSocketServer server("wsbench", QWebSocketServer::NonSecureMode);
  server.setMaxPendingConnections(kBacklog);
  QObject::connect(&server, &QWebSocketServer::newConnection, &server, [&server] {
    while (QWebSocket* client = server.nextPendingConnection()) serve(client);
  });

  // A listener of our own: QWebSocketServer's has a backlog of 50.
  QTcpServer listener;
  listener.setListenBacklogSize(kBacklog);
  listener.setMaxPendingConnections(kBacklog);
  QObject::connect(&listener, &QTcpServer::newConnection, &server, [&] {
    while (QTcpSocket* socket = listener.nextPendingConnection()) {
      socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
      server.handleConnection(socket);
    }
  });
  const QString address = qEnvironmentVariable("ADDRESS");
  const quint16 port = qEnvironmentVariable("PORT", "8000").toUShort();
  if (!listener.listen(address.isEmpty() ? QHostAddress(QHostAddress::Any) : QHostAddress(address), port)) {
    qCritical("cpp-qt6: cannot listen: %s", qPrintable(listener.errorString()));
    return EXIT_FAILURE;
  }
  return application.exec();
}
