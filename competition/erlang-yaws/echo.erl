%% WebSocket echo server on Yaws, embedded; a process per connection.
-module(echo).

-export([start/0]).
-export([out/1, handle_message/1]).

-define(BACKLOG, 4096).

start() ->
    ok = os:set_signal(sigterm, default),    % otherwise the runtime takes a second to shut down in good order
    Server = [
        {port, list_to_integer(from_environment("PORT", "8000"))},
        {listen, address(from_environment("ADDRESS", "0.0.0.0"))},
        {soptions, [{listen_opts, [{backlog, ?BACKLOG}, {nodelay, true}]}]},
        {appmods, [{"/", ?MODULE}]},
        {flags, [{access_log, false}, {auth_log, false}]}
    ],
    Global = [{flags, [{tty_trace, false}, {copy_errlog, false}]}],
    Documents = filename:dirname(code:which(?MODULE)),    % must exist, though nothing is served from it
    ok = yaws:start_embedded(Documents, Server, Global, "wsbench").

address(Text) ->
    {ok, Address} = inet:parse_address(Text),
    Address.

from_environment(Name, Otherwise) ->
    case os:getenv(Name, "") of
        "" -> Otherwise;
        Value -> Value
    end.

out(_Request) -> {websocket, ?MODULE, []}.

%% Fragments are joined before, ping and close are answered by Yaws.
handle_message({text, Text}) -> {reply, {text, Text}};
handle_message({binary, Data}) -> {reply, {binary, Data}};
handle_message({close, Status, _Reason}) -> {close, Status}.
