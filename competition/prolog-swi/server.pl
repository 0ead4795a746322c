% WebSocket echo server on SWI-Prolog's HTTP library, a thread per connection.

:- use_module(library(http/http_dispatch)).
:- use_module(library(http/thread_httpd)).
:- use_module(library(http/websocket)).
:- use_module(library(main)).
:- use_module(library(socket)).

:- initialization(main, main).

:- http_handler(root(.), http_upgrade_to_websocket(serve, [guarded(false)]), [prefix, spawn([])]).

main(_) :-
    listener(Socket, Port),
    http_server(http_dispatch, [port(Port), tcp_socket(Socket), workers(16), silent(true)]),
    thread_get_message(never).

% A socket of our own: http_server would listen with a backlog of 64. What is accepted inherits TCP_NODELAY.
listener(Socket, Endpoint) :-
    from_environment('PORT', '8000', PortText),
    atom_number(PortText, Port),
    from_environment('ADDRESS', '0.0.0.0', Address),
    Endpoint = Address:Port,
    tcp_socket(Socket),
    tcp_setopt(Socket, reuseaddr),
    tcp_setopt(Socket, nodelay(true)),
    tcp_bind(Socket, Endpoint),
    tcp_listen(Socket, 4096).

from_environment(Name, Otherwise, Value) :-
    (   getenv(Name, Value), Value \== ''
    ->  true
    ;   Value = Otherwise
    ).

serve(Client) :-
    catch(echo(Client), _, close(Client, [force(true)])).   % the client is gone, or has broken the protocol

% ws_receive answers pings and joins fragments.
echo(Client) :-
    ws_receive(Client, Message),
    (   Message.opcode == close
    ->  ws_close(Client, Message.code, Message.data)
    ;   Message.opcode == pong
    ->  echo(Client)
    ;   ws_send(Client, Message),
        echo(Client)
    ).
