%% WebSocket echo server on Cowboy, a process per connection.
-module(echo).
-behaviour(cowboy_websocket).

-export([start/0]).
-export([init/2, websocket_handle/2, websocket_info/2]).

-define(BACKLOG, 4096).
-define(MESSAGE_BYTES, 1048576).

start() ->
    ok = os:set_signal(sigterm, default),    % otherwise the runtime takes a second to shut down in good order
    {ok, _} = application:ensure_all_started(cowboy),
    Dispatch = cowboy_router:compile([{'_', [{'_', ?MODULE, []}]}]),
    Transport = #{max_connections => infinity, socket_opts => [{backlog, ?BACKLOG}, {nodelay, true} | endpoint()]},
    {ok, _} = cowboy:start_clear(echo, Transport, #{env => #{dispatch => Dispatch}}),
    ok.

endpoint() ->
    Port = list_to_integer(from_environment("PORT", "8000")),
    case from_environment("ADDRESS", "") of
        "" ->
            [{port, Port}];
        Text ->
            {ok, Address} = inet:parse_address(Text),
            [{port, Port}, {ip, Address}]
    end.

from_environment(Name, Otherwise) ->
    case os:getenv(Name, "") of
        "" -> Otherwise;
        Value -> Value
    end.

init(Request, State) ->
    {cowboy_websocket, Request, State, #{idle_timeout => infinity, max_frame_size => ?MESSAGE_BYTES}}.

websocket_handle({text, Text}, State) -> {[{text, Text}], State};
websocket_handle({binary, Data}, State) -> {[{binary, Data}], State};
websocket_handle(_PingOrPong, State) -> {[], State}.    % Cowboy has answered it

websocket_info(_Message, State) -> {[], State}.
