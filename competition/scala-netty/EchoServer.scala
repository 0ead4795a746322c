// WebSocket echo server on Netty, NIO transport, with as many event loops as Netty deems right: two per core. The JVM
// raises RLIMIT_NOFILE by itself.

import io.netty.bootstrap.ServerBootstrap
import io.netty.channel.{ChannelHandlerContext, ChannelInboundHandlerAdapter, ChannelInitializer, ChannelOption}
import io.netty.channel.nio.NioEventLoopGroup
import io.netty.channel.socket.SocketChannel
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.handler.codec.http.{HttpObjectAggregator, HttpServerCodec}
import io.netty.handler.codec.http.websocketx.{
  WebSocketFrameAggregator,
  WebSocketServerProtocolConfig,
  WebSocketServerProtocolHandler
}
import java.net.InetSocketAddress

/** Behind the protocol handler, which answers ping and close, only messages arrive. */
final class Echo extends ChannelInboundHandlerAdapter {
  override def channelRead(context: ChannelHandlerContext, message: Any): Unit = context.write(message)

  override def channelReadComplete(context: ChannelHandlerContext): Unit = context.flush()

  // The client is gone, or has broken the protocol.
  override def exceptionCaught(context: ChannelHandlerContext, cause: Throwable): Unit = context.close()
}

object EchoServer extends App {
  private val Backlog = 4096
  private val MessageBytes = 1 << 20
  private val RequestBytes = 8192

  private val config = WebSocketServerProtocolConfig.newBuilder
    .websocketPath("/")
    .checkStartsWith(true)
    .maxFramePayloadLength(MessageBytes)
    .sendCloseFrame(null) // otherwise 1000, even to a client that has broken the protocol
    .build

  private val pipeline = new ChannelInitializer[SocketChannel] {
    override def initChannel(channel: SocketChannel): Unit = channel.pipeline.addLast(
      new HttpServerCodec,
      new HttpObjectAggregator(RequestBytes),
      new WebSocketServerProtocolHandler(config),
      new WebSocketFrameAggregator(MessageBytes),
      new Echo
    )
  }

  private def fromEnvironment(name: String) = sys.env.get(name).filter(_.nonEmpty)

  private val port = fromEnvironment("PORT").getOrElse("8000").toInt
  private val endpoint =
    fromEnvironment("ADDRESS").fold(new InetSocketAddress(port))(new InetSocketAddress(_, port))

  new ServerBootstrap()
    .group(new NioEventLoopGroup(1), new NioEventLoopGroup)
    .channel(classOf[NioServerSocketChannel])
    .option[Integer](ChannelOption.SO_BACKLOG, Backlog)
    .childOption[java.lang.Boolean](ChannelOption.TCP_NODELAY, true)
    .childHandler(pipeline)
    .bind(endpoint)
    .sync
    .channel
    .closeFuture
    .sync
}
