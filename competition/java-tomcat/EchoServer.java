// WebSocket echo server on Tomcat 10, embedded. The JVM raises RLIMIT_NOFILE by itself.

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

public final class EchoServer {
  /**
   * Takes messages in parts, as they come: buffers for whole ones would be allocated in full for each client, 2 x 1 MiB
   * and more.
   */
  public static final class Echo extends Endpoint {
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
    private RemoteEndpoint.Basic client;

    @Override
    public void onOpen(Session session, EndpointConfig config) {
      client = session.getBasicRemote();
      // Not lambdas: Tomcat looks for the handler's type argument.
      session.addMessageHandler(
          new MessageHandler.Partial<String>() {
            @Override
            public void onMessage(String part, boolean isLast) {
              echo(part, isLast);
            }
          });
      session.addMessageHandler(
          new MessageHandler.Partial<byte[]>() {
            @Override
            public void onMessage(byte[] part, boolean isLast) {
              echo(part, isLast);
            }
          });
    }

    @Override
    public void onError(Session session, Throwable cause) {
      // The client is gone, or has broken the protocol: Tomcat closes.
    }

    private void echo(String part, boolean isLast) {
      text.append(part);
      if (!isLast) return;
      try {
        client.sendText(text.toString());
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
      text.setLength(0);
    }

    private void echo(byte[] part, boolean isLast) {
      binary.writeBytes(part);
      if (!isLast) return;
      try {
        client.sendBinary(ByteBuffer.wrap(binary.toByteArray()));
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
      binary.reset();
    }
  }

  private static final class NoExtensions extends ServerEndpointConfig.Configurator {
    @Override
    public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) {
      return List.of();
    }
  }

  /** A servlet, because the path of an endpoint of its own cannot be "any". */
  public static final class Upgrade extends HttpServlet {
    private final ServerEndpointConfig endpoint =
        ServerEndpointConfig.Builder.create(Echo.class, "/").configurator(new NoExtensions()).build();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException {
      var container = (ServerContainer) getServletContext().getAttribute(ServerContainer.class.getName());
      try {
        container.upgradeHttpToWebSocket(request, response, endpoint, Map.of());
      } catch (DeploymentException error) {
        throw new ServletException(error);
      }
    }
  }

  private static String fromEnvironment(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  public static void main(String[] arguments) throws LifecycleException {
    Connector connector = new Connector();
    connector.setPort(Integer.parseInt(fromEnvironment("PORT", "8000")));
    String address = fromEnvironment("ADDRESS", null);
    if (address != null) connector.setProperty("address", address);
    connector.setProperty("acceptCount", "4096"); // the backlog
    connector.setProperty("maxConnections", "-1"); // no limit

    Tomcat tomcat = new Tomcat();
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), null);
    Tomcat.addServlet(context, "echo", new Upgrade()).addMapping("/*");
    tomcat.start();
    tomcat.getServer().await();
  }
}
