using System.Net.WebSockets;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Tests.Wire;

/// <summary>Frames as no honest end would write them.</summary>
internal static class RawFrames
{
    /// <summary>A header whose payload, whatever it claims, does not come.</summary>
    public static ValueTask SendHeaderAsync(this FrameConnection connection, FrameHeader header) =>
        connection.SendAsync(header, [], pacer: null, default);

    /// <summary>A header, and a payload of another length than it claims.</summary>
    public static async Task SendFrameAsync(this WebSocket socket, FrameHeader header, byte[] payload, bool endOfMessage = true)
    {
        byte[] bytes = header.ToByteArray();
        await socket.SendAsync(
            (byte[])[.. BitConverter.GetBytes(bytes.Length), .. bytes, .. payload], WebSocketMessageType.Binary, endOfMessage, default);
    }
}
