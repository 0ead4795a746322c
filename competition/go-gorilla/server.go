// WebSocket echo server on gorilla/websocket. Go itself sets TCP_NODELAY, raises RLIMIT_NOFILE (since 1.19) and
// listens with net.core.somaxconn as its backlog.
package main

import (
	"log"
	"net"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{
	CheckOrigin: func(*http.Request) bool { return true },
}

func echo(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered with the error
	}
	defer conn.Close()
	for {
		messageType, message, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(messageType, message); err != nil {
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
