// WebSocket echo server on nhooyr.io/websocket. Go itself sets TCP_NODELAY, raises RLIMIT_NOFILE (since 1.19) and
// listens with net.core.somaxconn as its backlog.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"os"

	"nhooyr.io/websocket"
)

var options = &websocket.AcceptOptions{
	InsecureSkipVerify: true, // any Origin
	CompressionMode:    websocket.CompressionDisabled,
}

func echo(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, options)
	if err != nil {
		return // Accept has answered with the error
	}
	defer conn.Close(websocket.StatusInternalError, "")
	conn.SetReadLimit(1 << 20)
	ctx := context.Background()
	for {
		messageType, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if err := conn.Write(ctx, messageType, message); err != nil {
			return
		}
	}
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8000"
	}
	address := net.JoinHostPort(os.Getenv("ADDRESS"), port)
	log.Fatal(http.ListenAndServe(address, http.HandlerFunc(echo)))
}
