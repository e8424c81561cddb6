using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeSplit.Tests.Hostile;

/// <summary>Connections that say nothing, or begin to, and stay.</summary>
internal sealed class SilentCrowd : IDisposable
{
    private const string Variable = "EDGESPLIT_STRANGERS";

    private readonly List<Socket> sockets = [];

    /// <summary>How many of them: 2,000, or as the environment says.</summary>
    public static int Size { get; } = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int given) ? given : 2000;

    /// <summary>Connects them one after the other; skips the test where this process may not have so many.</summary>
    /// <param name="port">On this machine.</param>
    /// <param name="size">How many.</param>
    /// <param name="words">What each says.</param>
    public static async Task<SilentCrowd> GatherAsync(int port, int size, string words)
    {
        SilentCrowd crowd = new();
        byte[] bytes = Encoding.ASCII.GetBytes(words);
        try
        {
            while (crowd.sockets.Count < size)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                crowd.sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
                if (bytes.Length > 0)
                    await socket.SendAsync(bytes);
            }
        }
        catch (SocketException limit) when (limit.SocketErrorCode is SocketError.TooManyOpenSockets)
        {
            crowd.Dispose();
            Assert.Skip($"This process may have {crowd.sockets.Count} connections, not {size} more; raise its limit (ulimit -n), or set {Variable}.");
        }

        return crowd;
    }

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());
}
