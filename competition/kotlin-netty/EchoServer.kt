// WebSocket echo server on Netty, NIO transport, with as many event loops as Netty deems right: two per core. The JVM
// raises RLIMIT_NOFILE by itself.

import io.netty.bootstrap.ServerBootstrap
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelInitializer
import io.netty.channel.ChannelOption
import io.netty.channel.nio.NioEventLoopGroup
import io.netty.channel.socket.SocketChannel
import io.netty.channel.socket.nio.NioServerSocketChannel
import io.netty.handler.codec.http.HttpObjectAggregator
import io.netty.handler.codec.http.HttpServerCodec
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler
import java.net.InetSocketAddress

private const val BACKLOG = 4096
private const val MESSAGE_BYTES = 1 shl 20
private const val REQUEST_BYTES = 8192

private val config = WebSocketServerProtocolConfig.newBuilder()
    .websocketPath("/")
    .checkStartsWith(true)
    .maxFramePayloadLength(MESSAGE_BYTES)
    .sendCloseFrame(null) // otherwise 1000, even to a client that has broken the protocol
    .build()

/** Behind the protocol handler, which answers ping and close, only messages arrive. */
private class Echo : ChannelInboundHandlerAdapter() {
    override fun channelRead(context: ChannelHandlerContext, message: Any) {
        context.write(message)
    }

    override fun channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    override fun exceptionCaught(context: ChannelHandlerContext, cause: Throwable) {
        context.close() // the client is gone, or has broken the protocol
    }
}

private class Pipeline : ChannelInitializer<SocketChannel>() {
    override fun initChannel(channel: SocketChannel) {
        channel.pipeline().addLast(
            HttpServerCodec(),
            HttpObjectAggregator(REQUEST_BYTES),
            WebSocketServerProtocolHandler(config),
            WebSocketFrameAggregator(MESSAGE_BYTES),
            Echo()
        )
    }
}

private fun fromEnvironment(name: String) = System.getenv(name)?.takeIf { it.isNotEmpty() }

fun main() {
    val port = (fromEnvironment("PORT") ?: "8000").toInt()
    val address = fromEnvironment("ADDRESS")
    ServerBootstrap()
        .group(NioEventLoopGroup(1), NioEventLoopGroup())
        .channel(NioServerSocketChannel::class.java)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(Pipeline())
        .bind(if (address == null) InetSocketAddress(port) else InetSocketAddress(address, port))
        .sync()
        .channel()
        .closeFuture()
        .sync()
}
