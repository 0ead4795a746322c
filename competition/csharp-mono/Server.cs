// WebSocket echo server on Mono: System.Net.WebSockets over a TcpListener, for Mono's HttpListener knows no WebSocket.

using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

static class Server
{
    const int Backlog = 4096;
    const int RequestBytes = 8192;
    const int ReceiveBytes = 4096;

    static async Task<string> ReadRequest(Stream stream)
    {
        var buffer = new byte[RequestBytes];
        for (int size = 0; size < buffer.Length;)
        {
            int got = await stream.ReadAsync(buffer, size, buffer.Length - size);
            if (got == 0) return null;
            size += got;
            var text = Encoding.ASCII.GetString(buffer, 0, size);
            if (text.EndsWith("\r\n\r\n")) return text;
        }
        return null;
    }

    static string FindHeader(string request, string name)
    {
        foreach (var line in request.Split(new[] { "\r\n" }, StringSplitOptions.None))
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line.Substring(0, colon).Equals(name, StringComparison.OrdinalIgnoreCase))
                return line.Substring(colon + 1).Trim();
        }
        return null;
    }

    static async Task<bool> ShakeHands(Stream stream)
    {
        var request = await ReadRequest(stream);
        var key = request == null ? null : FindHeader(request, "Sec-WebSocket-Key");
        string answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        if (key != null)
        {
            using (var sha1 = SHA1.Create())
            {
                var digest = sha1.ComputeHash(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
                answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                    $"Sec-WebSocket-Accept: {Convert.ToBase64String(digest)}\r\n\r\n";
            }
        }
        var bytes = Encoding.ASCII.GetBytes(answer);
        await stream.WriteAsync(bytes, 0, bytes.Length);
        return key != null;
    }

    static async Task EchoMessages(WebSocket socket)
    {
        var buffer = new byte[ReceiveBytes];
        for (int size = 0;;)
        {
            if (size == buffer.Length) Array.Resize(ref buffer, 2 * size);
            var received = await socket.ReceiveAsync(
                new ArraySegment<byte>(buffer, size, buffer.Length - size), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(
                    socket.CloseStatus.Value, socket.CloseStatusDescription, CancellationToken.None);
                return;
            }
            size += received.Count;
            if (!received.EndOfMessage) continue;
            await socket.SendAsync(
                new ArraySegment<byte>(buffer, 0, size), received.MessageType, true, CancellationToken.None);
            size = 0;
        }
    }

    static async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                if (!await ShakeHands(stream)) return;
                using (var socket = WebSocket.CreateFromStream(stream, true, null, Timeout.InfiniteTimeSpan))
                    await EchoMessages(socket);
            }
            catch (Exception error) when (error is IOException || error is WebSocketException)
            {
                // the client is gone, or has broken the protocol
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    struct ResourceLimit
    {
        public UIntPtr Current;
        public UIntPtr Maximum;
    }

    const int OpenFiles = 7; // RLIMIT_NOFILE

    [DllImport("libc")]
    static extern int getrlimit(int resource, out ResourceLimit limit);

    [DllImport("libc")]
    static extern int setrlimit(int resource, ref ResourceLimit limit);

    static void RaiseFileLimit()
    {
        ResourceLimit limit;
        if (getrlimit(OpenFiles, out limit) != 0) return;
        limit.Current = limit.Maximum;
        setrlimit(OpenFiles, ref limit);
    }

    static string FromEnvironment(string name, string otherwise)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? otherwise : value;
    }

    static async Task Run()
    {
        int port = int.Parse(FromEnvironment("PORT", "8000"));
        var listener = new TcpListener(IPAddress.Parse(FromEnvironment("ADDRESS", "0.0.0.0")), port);
        listener.Start(Backlog);
        for (;;)
        {
            _ = Serve(await listener.AcceptTcpClientAsync());
        }
    }

    static void Main()
    {
        RaiseFileLimit();
        Run().GetAwaiter().GetResult();
    }
}
