/// WebSocket echo server on D's standard library, one thread: std.socket and the runtime's epoll. The library has no
/// WebSocket: the protocol is written here.
module server;

import core.sys.linux.epoll;
import core.sys.posix.sys.resource : getrlimit, rlimit, RLIMIT_NOFILE, setrlimit;
import std.algorithm : findSplit, max, splitter;
import std.array : appender;
import std.base64 : Base64;
import std.bitmanip : bigEndianToNative, nativeToBigEndian;
import std.conv : to;
import std.digest.sha : sha1Of;
import std.process : environment;
import std.socket;
import std.string : icmp, indexOf, representation, strip;
import std.utf : UTFException, validate;

enum int backlog = 4096;
enum messageBytes = 1 << 20;
enum requestBytes = 8192;
enum readBytes = 65_536;
enum guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

enum Opcode : ubyte
{
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA
}

/// The client has broken the protocol, in the way that the status of the close frame tells.
class Violation : Exception
{
    const ushort status;

    this(ushort status)
    {
        super("the client has broken the protocol");
        this.status = status;
    }
}

struct Frame
{
    bool isFinal;
    ubyte opcode;
    ubyte[] payload; // a slice of the input
    size_t size; // of the whole frame; 0 when it has not come as a whole yet
}

/// The frame at the beginning of the input, unmasked in place.
Frame parse(ubyte[] input)
{
    Frame frame;
    if (input.length < 2)
        return frame;
    frame.isFinal = (input[0] & 0x80) != 0;
    frame.opcode = input[0] & 0x0F;
    ulong length = input[1] & 0x7F;
    if ((input[0] & 0x70) || !(input[1] & 0x80))
        throw new Violation(1002);
    if (frame.opcode >= Opcode.close && (!frame.isFinal || length > 125))
        throw new Violation(1002);

    size_t head = 2;
    if (length == 126)
        head += 2;
    else if (length == 127)
        head += 8;
    if (input.length < head + 4)
        return frame;
    if (length == 126)
        length = bigEndianToNative!ushort(input[2 .. 4][0 .. 2]);
    else if (length == 127)
        length = bigEndianToNative!ulong(input[2 .. 10][0 .. 8]);
    if (length > messageBytes)
        throw new Violation(1009);
    const end = head + 4 + cast(size_t) length;
    if (input.length < end)
        return frame;

    const ubyte[4] mask = input[head .. head + 4][0 .. 4];
    frame.payload = input[head + 4 .. end];
    foreach (i, ref each; frame.payload)
        each ^= mask[i & 3];
    frame.size = end;
    return frame;
}

final class Client
{
    Socket socket;
    private ubyte[] input; // what has come and is not consumed
    private ubyte[] output; // what the kernel has not taken
    private bool isOpen; // the handshake is done
    private bool isClosing; // once the output is written
    private ubyte opcode = Opcode.continuation; // of the message whose fragments are being gathered
    private ubyte[] message;

    this(Socket socket)
    {
        this.socket = socket;
    }

    /// False when the connection is to be closed.
    bool read(ubyte[] buffer)
    {
        const got = socket.receive(buffer);
        if (got == Socket.ERROR)
            return wouldHaveBlocked();
        if (got == 0)
            return false;
        if (isClosing)
            return true;
        input ~= buffer[0 .. got];
        try
        {
            if (!isOpen)
                shakeHands();
            if (isOpen)
                echo();
        }
        catch (Violation violation)
        {
            add(Opcode.close, nativeToBigEndian(violation.status));
            isClosing = true;
        }
        return write();
    }

    /// ditto
    bool write()
    {
        if (output.length)
        {
            const sent = socket.send(output);
            if (sent == Socket.ERROR)
                return wouldHaveBlocked();
            output = output[sent .. $];
            if (output.length == 0)
                output = null;
        }
        return output.length || !isClosing;
    }

    bool wantsToWrite() const
    {
        return output.length > 0;
    }

    private void shakeHands()
    {
        const request = cast(const char[]) input;
        const end = request.indexOf("\r\n\r\n");
        if (end < 0)
        {
            isClosing = input.length > requestBytes;
            return;
        }
        const(char)[] key;
        foreach (line; request[0 .. end].splitter("\r\n"))
        {
            const parts = line.findSplit(":");
            if (icmp(parts[0], "Sec-WebSocket-Key") == 0)
                key = parts[2].strip;
        }
        if (key.length == 0)
        {
            output ~= "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".representation;
            isClosing = true;
            return;
        }
        const accept = Base64.encode(sha1Of(key, guid)[]);
        output ~= ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                ~ "Sec-WebSocket-Accept: " ~ accept ~ "\r\n\r\n").representation;
        input = input[end + 4 .. $];
        isOpen = true;
    }

    private void echo()
    {
        while (!isClosing)
        {
            const frame = parse(input);
            if (frame.size == 0)
                break;
            take(frame);
            input = input[frame.size .. $];
        }
        if (input.length == 0)
            input = null;
    }

    private void take(const ref Frame frame)
    {
        switch (frame.opcode)
        {
        case Opcode.continuation, Opcode.text, Opcode.binary:
            takeData(frame);
            break;
        case Opcode.ping:
            add(Opcode.pong, frame.payload);
            break;
        case Opcode.pong:
            break;
        case Opcode.close:
            add(Opcode.close, frame.payload);
            isClosing = true;
            break;
        default:
            throw new Violation(1002);
        }
    }

    private void takeData(const ref Frame frame)
    {
        if ((frame.opcode == Opcode.continuation) == (opcode == Opcode.continuation))
            throw new Violation(1002);
        if (frame.opcode != Opcode.continuation)
            opcode = frame.opcode;
        if (message.length + frame.payload.length > messageBytes)
            throw new Violation(1009);
        if (!frame.isFinal)
        {
            message ~= frame.payload;
            return;
        }
        const whole = message.length ? message ~ frame.payload : frame.payload;
        if (opcode == Opcode.text)
            checkText(whole);
        add(opcode, whole);
        opcode = Opcode.continuation;
        message = null;
    }

    private static void checkText(const ubyte[] text)
    {
        try
            validate(cast(const char[]) text);
        catch (UTFException)
            throw new Violation(1007);
    }

    private void add(ubyte opcode, const ubyte[] payload)
    {
        output ~= cast(ubyte)(0x80 | opcode);
        if (payload.length < 126)
            output ~= cast(ubyte) payload.length;
        else if (payload.length < 65_536)
            output ~= cast(ubyte) 126 ~ nativeToBigEndian(cast(ushort) payload.length)[];
        else
            output ~= cast(ubyte) 127 ~ nativeToBigEndian(cast(ulong) payload.length)[];
        output ~= payload;
    }
}

final class Server
{
    private Socket listener;
    private int epoll;
    private Client[socket_t] clients;

    this(Socket listener)
    {
        this.listener = listener;
        epoll = epoll_create1(0);
        watch(EPOLL_CTL_ADD, listener.handle, EPOLLIN);
    }

    void run()
    {
        auto buffer = new ubyte[readBytes];
        epoll_event[512] events;
        for (;;)
        {
            const count = epoll_wait(epoll, events.ptr, cast(int) events.length, -1);
            foreach (ref event; events[0 .. max(count, 0)])
            {
                if (event.data.fd == listener.handle)
                    accept();
                else
                    serve(clients[cast(socket_t) event.data.fd], event.events, buffer);
            }
        }
    }

    private void accept()
    {
        for (;;)
        {
            Socket socket;
            try
                socket = listener.accept();
            catch (SocketAcceptException)
                return; // no more, or no more files
            socket.blocking = false;
            clients[socket.handle] = new Client(socket);
            watch(EPOLL_CTL_ADD, socket.handle, EPOLLIN);
        }
    }

    private void serve(Client client, uint events, ubyte[] buffer)
    {
        const waited = client.wantsToWrite;
        bool keep = true;
        if (events & EPOLLOUT)
            keep = client.write();
        if (keep && (events & ~EPOLLOUT))
            keep = client.read(buffer);
        if (!keep)
        {
            clients.remove(client.socket.handle);
            client.socket.close();
        }
        else if (waited != client.wantsToWrite)
        {
            watch(EPOLL_CTL_MOD, client.socket.handle, client.wantsToWrite ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
    }

    private void watch(int operation, int descriptor, uint events)
    {
        epoll_event event = {events: events};
        event.data.fd = descriptor;
        epoll_ctl(epoll, operation, descriptor, &event);
    }
}

/// TCP_NODELAY is inherited by what the socket accepts.
Socket listenOn(string address, ushort port)
{
    auto endpoint = parseAddress(address, port);
    auto listener = new TcpSocket(endpoint.addressFamily);
    listener.setOption(SocketOptionLevel.SOCKET, SocketOption.REUSEADDR, true);
    listener.setOption(SocketOptionLevel.TCP, SocketOption.TCP_NODELAY, true);
    listener.blocking = false;
    listener.bind(endpoint);
    listener.listen(backlog);
    return listener;
}

string fromEnvironment(string name, string otherwise)
{
    const value = environment.get(name, "");
    return value.length ? value : otherwise;
}

void raiseFileLimit()
{
    rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void main()
{
    raiseFileLimit();
    new Server(listenOn(fromEnvironment("ADDRESS", "0.0.0.0"), fromEnvironment("PORT", "8000").to!ushort)).run();
}
