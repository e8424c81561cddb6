using System.Buffers.Binary;
using System.Net.WebSockets;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using EdgeSplit.Wire.Security;
using Google.Protobuf;

namespace EdgeSplit.Tests.Hostile;

/// <summary>A device that has a token and speaks the protocol, as long as it cares to.</summary>
internal sealed class HostileDevice : IDisposable
{
    private readonly WebSocket socket;
    private ulong sequence;

    private HostileDevice(WebSocket socket) => this.socket = socket;

    public Welcome Welcome { get; private set; } = new();

    public static async Task<HostileDevice> ConnectAsync(DeviceSecurity security) => new(await security.ConnectAsync(
        options => options.AddSubProtocol(Handshake.SubProtocol), TestContext.Current.CancellationToken));

    public static Hello HelloOf(string name) =>
        new() { Version = Handshake.Version, Device = name, Samples = 100, Machine = "hostile", Encodings = { ElementType.Float32 } };

    /// <summary>Joins as it should.</summary>
    public static async Task<HostileDevice> JoinAsync(DeviceSecurity security, string name)
    {
        HostileDevice device = await ConnectAsync(security);
        await device.SendAsync(new FrameHeader { Hello = HelloOf(name) });
        FrameHeader answer = await device.ReadAsync() ?? throw new InvalidOperationException("The server closed the connection.");
        device.Welcome = answer.Welcome ?? throw new InvalidOperationException($"Expected a welcome, received {answer}.");
        await device.SendAsync(new FrameHeader { Accept = new Accept() });
        return device;
    }

    public static byte[] FrameOf(FrameHeader header, byte[] payload)
    {
        byte[] frame = new byte[4 + header.CalculateSize() + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, header.CalculateSize());
        header.WriteTo(frame.AsSpan(4, header.CalculateSize()));
        payload.CopyTo(frame, frame.Length - payload.Length);
        return frame;
    }

    /// <summary>The next number of a message.</summary>
    public ulong Number() => ++sequence;

    public Task SendAsync(FrameHeader header, byte[]? payload = null) => SendAsync(FrameOf(header, payload ?? []));

    /// <summary>Sends a WebSocket message, or the beginning of one; the other end may hang up meanwhile.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, bool isWhole = true, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        try
        {
            await socket.SendAsync(bytes, type, isWhole, TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException)
        {
        }
    }

    /// <summary>The next frame's header; null where the server has closed the connection.</summary>
    public async Task<FrameHeader?> ReadAsync()
    {
        using MemoryStream message = new();
        byte[] buffer = new byte[64 << 10];
        try
        {
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                    return null;
                message.Write(buffer, 0, received.Count);
            }
            while (!received.EndOfMessage);
        }
        catch (WebSocketException)
        {
            return null;
        }

        byte[] frame = message.ToArray();
        return FrameHeader.Parser.ParseFrom(frame, 4, BinaryPrimitives.ReadInt32LittleEndian(frame));
    }

    /// <summary>The next frame of a kind; null where the server closes the connection before.</summary>
    public async Task<FrameHeader?> ReadAsync(FrameHeader.ContentOneofCase kind)
    {
        FrameHeader? header;
        do
        {
            header = await ReadAsync();
        }
        while (header is not null && header.ContentCase != kind);
        return header;
    }

    /// <summary>Waits for a round to begin, and confirms it, since the server waits for that.</summary>
    public async Task<FrameHeader> StartRoundAsync()
    {
        FrameHeader start = await ReadAsync(FrameHeader.ContentOneofCase.RoundStart) ?? throw new InvalidOperationException("No round began.");
        await SendAsync(new FrameHeader { Confirm = new Confirm { Received = start.Sequence } });
        return start;
    }

    /// <summary>What the server says before it closes the connection; null for not a word.</summary>
    public async Task<Error?> ReadErrorAsync()
    {
        Error? error = null;
        while (await ReadAsync() is { } header)
            error = header.Error ?? error;
        return error;
    }

    public void Dispose() => socket.Dispose();
}
