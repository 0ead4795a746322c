# WebSocket echo server on Cowboy, in Elixir; a process per connection.

defmodule Echo do
  @behaviour :cowboy_websocket

  @backlog 4096
  @message_bytes 1_048_576

  def start do
    # Otherwise the runtime takes a second to shut down in good order.
    :ok = :os.set_signal(:sigterm, :default)
    {:ok, _} = Application.ensure_all_started(:cowboy)
    dispatch = :cowboy_router.compile([{:_, [{:_, __MODULE__, []}]}])
    options = [backlog: @backlog, nodelay: true] ++ endpoint()
    transport = %{max_connections: :infinity, socket_opts: options}
    {:ok, _} = :cowboy.start_clear(:echo, transport, %{env: %{dispatch: dispatch}})
  end

  defp endpoint do
    port = "PORT" |> from_environment("8000") |> String.to_integer()

    case from_environment("ADDRESS", "") do
      "" ->
        [port: port]

      text ->
        {:ok, address} = text |> String.to_charlist() |> :inet.parse_address()
        [port: port, ip: address]
    end
  end

  defp from_environment(name, otherwise) do
    case System.get_env(name, "") do
      "" -> otherwise
      value -> value
    end
  end

  @impl true
  def init(request, state) do
    {:cowboy_websocket, request, state, %{idle_timeout: :infinity, max_frame_size: @message_bytes}}
  end

  @impl true
  def websocket_handle({kind, data}, state) when kind in [:text, :binary], do: {[{kind, data}], state}
  # Cowboy has answered it.
  def websocket_handle(_ping_or_pong, state), do: {[], state}

  @impl true
  def websocket_info(_message, state), do: {[], state}
end
