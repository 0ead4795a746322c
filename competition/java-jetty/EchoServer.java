// WebSocket echo server on Jetty 9.4. Jetty sets TCP_NODELAY and the JVM raises RLIMIT_NOFILE by themselves.

import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.websocket.api.WebSocketAdapter;
import org.eclipse.jetty.websocket.api.WebSocketPolicy;
import org.eclipse.jetty.websocket.servlet.WebSocketServlet;
import org.eclipse.jetty.websocket.servlet.WebSocketServletFactory;

public final class EchoServer {
  private static final int BACKLOG = 4096;
  private static final int MESSAGE_BYTES = 1 << 20;

  public static final class Echo extends WebSocketAdapter {
    @Override
    public void onWebSocketText(String message) {
      getRemote().sendStringByFuture(message);
    }

    @Override
    public void onWebSocketBinary(byte[] payload, int offset, int length) {
      getRemote().sendBytesByFuture(ByteBuffer.wrap(payload, offset, length));
    }
  }

  public static final class EchoServlet extends WebSocketServlet {
    @Override
    public void configure(WebSocketServletFactory factory) {
      WebSocketPolicy policy = factory.getPolicy();
      policy.setIdleTimeout(0); // never
      policy.setMaxTextMessageSize(MESSAGE_BYTES);
      policy.setMaxBinaryMessageSize(MESSAGE_BYTES);
      factory.getExtensionFactory().unregister("permessage-deflate");
      factory.register(Echo.class);
    }
  }

  private static String fromEnvironment(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost(fromEnvironment("ADDRESS", null));
    connector.setPort(Integer.parseInt(fromEnvironment("PORT", "8000")));
    connector.setAcceptQueueSize(BACKLOG);
    server.addConnector(connector);

    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(new ServletHolder(new EchoServlet()), "/*");
    server.setHandler(context);
    server.start();
    server.join();
  }
}
