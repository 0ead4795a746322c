// WebSocket echo server on Netty, NIO transport, with as many event loops as Netty deems right: two per core. The JVM
// raises RLIMIT_NOFILE by itself.

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetSocketAddress;

public final class EchoServer {
  private static final int BACKLOG = 4096;
  private static final int MESSAGE_BYTES = 1 << 20;
  private static final int REQUEST_BYTES = 8192;

  private static final WebSocketServerProtocolConfig CONFIG =
      WebSocketServerProtocolConfig.newBuilder()
          .websocketPath("/")
          .checkStartsWith(true)
          .maxFramePayloadLength(MESSAGE_BYTES)
          .sendCloseFrame(null) // otherwise 1000, even to a client that has broken the protocol
          .build();

  /** Behind the protocol handler, which answers ping and close, only messages arrive. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // the client is gone, or has broken the protocol
    }
  }

  private static final class Pipeline extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      channel
          .pipeline()
          .addLast(
              new HttpServerCodec(),
              new HttpObjectAggregator(REQUEST_BYTES),
              new WebSocketServerProtocolHandler(CONFIG),
              new WebSocketFrameAggregator(MESSAGE_BYTES),
              new Echo());
    }
  }

  private static String fromEnvironment(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  public static void main(String[] arguments) throws InterruptedException {
    int port = Integer.parseInt(fromEnvironment("PORT", "8000"));
    String address = fromEnvironment("ADDRESS", null);
    new ServerBootstrap()
        .group(new NioEventLoopGroup(1), new NioEventLoopGroup())
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(new Pipeline())
        .bind(address == null ? new InetSocketAddress(port) : new InetSocketAddress(address, port))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }
}
