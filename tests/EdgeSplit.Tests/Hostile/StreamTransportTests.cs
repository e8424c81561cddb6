using System.Net;
using EdgeSplit.Server.Transport;
using Microsoft.AspNetCore.Connections;

namespace EdgeSplit.Tests.Hostile;

/// <summary>The server's sockets, below the web server.</summary>
public sealed class StreamTransportTests
{
    [Fact]
    public async Task A_connection_that_is_reset_before_it_is_taken_in_keeps_nobody_else_out()
    {
        await using IConnectionListener listener = await new StreamTransport().BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)listener.EndPoint).Port;
        using RawPeer gone = await RawPeer.ConnectAsync(port);
        gone.Reset();
        using RawPeer well = await RawPeer.ConnectAsync(port);
        await well.SendAsync("x");

        bool isHeard = false;
        while (!isHeard)
        {
            ConnectionContext? taken = await listener.AcceptAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(taken);
            await using (taken)
                isHeard = await IsHeardAsync(taken);
        }
    }

    [Fact]
    public async Task Who_no_longer_listens_says_so()
    {
        await using IConnectionListener listener = await new StreamTransport().BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<ConnectionContext?> waiting = listener.AcceptAsync(TestContext.Current.CancellationToken);
        await listener.UnbindAsync(TestContext.Current.CancellationToken);
        Assert.Null(await waiting);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_so()
    {
        await using IConnectionListener listener = await new StreamTransport().BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        await Assert.ThrowsAsync<AddressInUseException>(async () => await new StreamTransport().BindAsync(listener.EndPoint));
    }

    [Fact]
    public async Task Who_is_cut_off_is_told_to_whoever_reads()
    {
        await using IConnectionListener listener = await new StreamTransport().BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        using RawPeer peer = await RawPeer.ConnectAsync(((IPEndPoint)listener.EndPoint).Port);
        await using ConnectionContext taken = (await listener.AcceptAsync(TestContext.Current.CancellationToken))!;
        Task<System.IO.Pipelines.ReadResult> reading = taken.Transport.Input.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        taken.Abort(new ConnectionAbortedException("Enough."));
        await Assert.ThrowsAnyAsync<Exception>(() => reading);
        Assert.True(taken.ConnectionClosed.WaitHandle.WaitOne(TimeSpan.FromMinutes(1)));
        Assert.Equal("", await peer.ReadToEndAsync());
    }

    private static async Task<bool> IsHeardAsync(ConnectionContext taken)
    {
        try
        {
            return !(await taken.Transport.Input.ReadAsync(TestContext.Current.CancellationToken)).Buffer.IsEmpty;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
