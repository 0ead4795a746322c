;; WebSocket echo server on Netty, NIO transport, with as many event loops as Netty deems right: two per core. The JVM
;; raises RLIMIT_NOFILE by itself.

(ns server
  (:gen-class)
  (:import
   (io.netty.bootstrap ServerBootstrap)
   (io.netty.channel ChannelHandler ChannelHandlerContext ChannelInboundHandlerAdapter ChannelInitializer ChannelOption)
   (io.netty.channel.nio NioEventLoopGroup)
   (io.netty.channel.socket SocketChannel)
   (io.netty.channel.socket.nio NioServerSocketChannel)
   (io.netty.handler.codec.http HttpObjectAggregator HttpServerCodec)
   (io.netty.handler.codec.http.websocketx
    WebSocketFrameAggregator WebSocketServerProtocolConfig WebSocketServerProtocolHandler)
   (java.net InetSocketAddress)))

(set! *warn-on-reflection* true)

(def backlog 4096)
(def message-bytes (int 1048576))
(def request-bytes (int 8192))

(def ^WebSocketServerProtocolConfig config
  (-> (WebSocketServerProtocolConfig/newBuilder)
      (.websocketPath "/")
      (.checkStartsWith true)
      (.maxFramePayloadLength message-bytes)
      (.sendCloseFrame nil) ; otherwise 1000, even to a client that has broken the protocol
      (.build)))

(defn echo
  "Behind the protocol handler, which answers ping and close, only messages arrive."
  []
  (proxy [ChannelInboundHandlerAdapter] []
    (channelRead [^ChannelHandlerContext context message]
      (.write context message))
    (channelReadComplete [^ChannelHandlerContext context]
      (.flush context))
    (exceptionCaught [^ChannelHandlerContext context _cause] ; the client is gone, or has broken the protocol
      (.close context))))

(defn pipeline []
  (proxy [ChannelInitializer] []
    (initChannel [^SocketChannel channel]
      (.addLast (.pipeline channel)
                ^"[Lio.netty.channel.ChannelHandler;"
                (into-array ChannelHandler
                            [(HttpServerCodec.)
                             (HttpObjectAggregator. (int request-bytes))
                             (WebSocketServerProtocolHandler. config)
                             (WebSocketFrameAggregator. (int message-bytes))
                             (echo)])))))

(defn endpoint ^InetSocketAddress []
  (let [port (Integer/parseInt (or (not-empty (System/getenv "PORT")) "8000"))]
    (if-let [address (not-empty (System/getenv "ADDRESS"))]
      (InetSocketAddress. ^String address port)
      (InetSocketAddress. port))))

(defn -main []
  (-> (ServerBootstrap.)
      (.group (NioEventLoopGroup. 1) (NioEventLoopGroup.))
      ^ServerBootstrap (.channel NioServerSocketChannel)
      ^ServerBootstrap (.option ChannelOption/SO_BACKLOG (int backlog))
      (.childOption ChannelOption/TCP_NODELAY true)
      (.childHandler (pipeline))
      (.bind (endpoint))
      (.sync)
      (.channel)
      (.closeFuture)
      (.sync)))
