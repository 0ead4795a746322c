// WebSocket echo server on golang.org/x/net/websocket. Go itself sets TCP_NODELAY, raises RLIMIT_NOFILE (since 1.19)
// and listens with net.core.somaxconn as its backlog.
package main

import (
	"log"
	"net"
	"net/http"
	"os"

	"golang.org/x/net/websocket"
)

type message struct {
	payloadType byte
	data        []byte
}

// The codecs of the package send all []byte as binary and all string as text.
var codec = websocket.Codec{
	Marshal: func(v any) ([]byte, byte, error) {
		m := v.(*message)
		return m.data, m.payloadType, nil
	},
	Unmarshal: func(data []byte, payloadType byte, v any) error {
		*v.(*message) = message{payloadType, data}
		return nil
	},
}

func echo(conn *websocket.Conn) {
	defer conn.Close() // the close frame, with 1000; without it the connection would be cut
	var m message
	for codec.Receive(conn, &m) == nil && codec.Send(conn, &m) == nil {
	}
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8000"
	}
	address := net.JoinHostPort(os.Getenv("ADDRESS"), port)
	// A bare websocket.Handler answers 403 to a request without an Origin.
	log.Fatal(http.ListenAndServe(address, websocket.Server{Handler: echo}))
}
