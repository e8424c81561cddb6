using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeSplit.Tests.Hostile;

/// <summary>A peer that keeps no rules: bytes to a port, and what comes back.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private RawPeer()
    {
    }

    public static async Task<RawPeer> ConnectAsync(int port)
    {
        RawPeer peer = new();
        await peer.socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        return peer;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends what the other end takes: it may hang up meanwhile.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await socket.SendAsync(bytes, TestContext.Current.CancellationToken)..];
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>No more will come from this end.</summary>
    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>All that comes until the other end hangs up.</summary>
    public async Task<string> ReadToEndAsync()
    {
        StringBuilder text = new();
        byte[] buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0)
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException)
        {
            // Hung up without manners.
        }

        return text.ToString();
    }

    /// <summary>Hangs up with a reset, at once.</summary>
    public void Reset() => socket.Close(timeout: 0);

    public void Dispose() => socket.Dispose();
}
