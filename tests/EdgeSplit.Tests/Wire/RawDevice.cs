using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Tests.Wire;

/// <summary>A device's end, frame by frame, that answers probes as it is told to.</summary>
internal sealed class RawDevice
{
    private readonly List<int> probes = [];

    /// <param name="server">The other end; a connection to it begins at once.</param>
    public RawDevice(ResumableLink server)
    {
        MemoryWire wire = new();
        Carried = server.RunAsync(new FrameConnection(wire.Server, TimeProvider.System), peerReceived: 0, default);
        _ = Task.Run(() => AnswerAsync(new FrameConnection(wire.Device, TimeProvider.System)));
    }

    /// <summary>The rate it says a probe came at.</summary>
    public double Told { get; set; }

    /// <summary>The bytes it sends as a probe, whatever was asked for; null for as many as were.</summary>
    public int? Sends { get; set; }

    /// <summary>The probes it got, in bytes.</summary>
    public IReadOnlyList<int> Probes => probes;

    /// <summary>How the connection ends for the server.</summary>
    public Task Carried { get; }

    private async Task AnswerAsync(FrameConnection own)
    {
        await using FrameConnection connection = own;
        while (await connection.ReceiveHeaderAsync() is { } header)
        {
            switch (header.ContentCase)
            {
                case FrameHeader.ContentOneofCase.Ping:
                    await connection.SendHeaderAsync(new FrameHeader { Pong = new Pong { Id = header.Ping.Id } });
                    break;
                case FrameHeader.ContentOneofCase.Probe:
                    probes.Add((int)header.PayloadBytes);
                    await connection.DrainPayloadAsync();
                    await connection.SendHeaderAsync(new FrameHeader { ProbeResult = new ProbeResult { BitsPerSecond = Told } });
                    break;
                case FrameHeader.ContentOneofCase.ProbeRequest:
                    await connection.SendAsync(new FrameHeader { Probe = new Probe() }, new byte[Sends ?? (int)header.ProbeRequest.Bytes]);
                    break;
                default:
                    return;
            }
        }
    }
}
