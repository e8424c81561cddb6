using System.Net;
using System.Net.Sockets;

namespace EdgeSplit.Tests.Loopback;

/// <summary>
/// A link that a test holds in its hand: what comes to its port goes on to a server's. It counts the bytes of both sockets, and can
/// be cut, at once or when so many bytes have gone by.
/// </summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();
    private readonly List<Socket> sockets = [];
    private readonly List<(bool IsUp, long At, Action Action)> alarms = [];
    private readonly SemaphoreSlim refusals = new(0);
    private readonly int target;
    private readonly Task accepting;
    private bool isDown;
    private long bytesUp;
    private long bytesDown;

    /// <param name="server">May be gone and come back: it is looked for with every connection.</param>
    public TcpRelay(Uri server)
    {
        target = server.Port;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where a device finds its server, through this.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>Waits until so many connections were tried while the link was cut.</summary>
    public async Task RefusedAsync(int count)
    {
        for (int turn = 0; turn < count; turn++)
            await refusals.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Bytes from devices.</summary>
    public long BytesUp => Interlocked.Read(ref bytesUp);

    /// <summary>Bytes to devices.</summary>
    public long BytesDown => Interlocked.Read(ref bytesDown);

    /// <summary>Calls back once, when so many bytes have come from devices; before the bytes beyond go on.</summary>
    public void WhenUp(long bytes, Action action) => Add(true, bytes, action);

    /// <summary>Calls back once, when so many bytes have come for devices; before the bytes beyond go on.</summary>
    public void WhenDown(long bytes, Action action) => Add(false, bytes, action);

    /// <summary>Breaks every connection, and takes no new one.</summary>
    public void Cut()
    {
        lock (gate)
        {
            isDown = true;
            foreach (Socket socket in sockets)
                socket.Close(timeout: 0);
            sockets.Clear();
        }
    }

    /// <summary>Takes connections again.</summary>
    public void Mend()
    {
        lock (gate)
            isDown = false;
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        Cut();
        await accepting;
        ended.Dispose();
        refusals.Dispose();
    }

    private void Add(bool isUp, long at, Action action)
    {
        lock (gate)
            alarms.Add((isUp, at, action));
    }

    private async Task AcceptAsync()
    {
        List<Task> pumps = [];
        try
        {
            while (true)
            {
                Socket device = await listener.AcceptSocketAsync(ended.Token);
                pumps.Add(RelayAsync(device));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(pumps);
        }
    }

    private async Task RelayAsync(Socket device)
    {
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (device)
        {
            try
            {
                if (!Register(device, server))
                {
                    refusals.Release();
                    return;
                }

                device.NoDelay = server.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAll(PumpAsync(device, server, isUp: true), PumpAsync(server, device, isUp: false));
            }
            catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
            {
                // One side is gone: so is the other.
            }
            finally
            {
                device.Close(timeout: 0);
                server.Close(timeout: 0);
            }
        }
    }

    private bool Register(Socket device, Socket server)
    {
        lock (gate)
        {
            if (isDown)
                return false;
            sockets.Add(device);
            sockets.Add(server);
            return true;
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isUp)
    {
        byte[] buffer = new byte[64 << 10];
        int count;
        try
        {
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                Count(isUp, count);
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            from.Close(timeout: 0);
            to.Close(timeout: 0);
        }
    }

    private void Count(bool isUp, int count)
    {
        long now = isUp ? Interlocked.Add(ref bytesUp, count) : Interlocked.Add(ref bytesDown, count);
        Action[] due;
        lock (gate)
        {
            due = [.. alarms.Where(alarm => alarm.IsUp == isUp && alarm.At <= now).Select(alarm => alarm.Action)];
            alarms.RemoveAll(alarm => alarm.IsUp == isUp && alarm.At <= now);
        }

        foreach (Action action in due)
            action();
    }
}
