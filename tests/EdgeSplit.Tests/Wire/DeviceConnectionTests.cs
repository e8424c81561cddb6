using System.Net.WebSockets;
using EdgeSplit.Compute;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Tests.Wire;

public sealed class DeviceConnectionTests
{
    private readonly SteppedClock clock = new();
    private readonly List<Hello> hellos = [];
    private readonly List<string> reports = [];
    private readonly Queue<Func<FrameConnection, Task>> server = new();

    [Fact]
    public async Task A_device_does_its_work_until_the_server_says_goodbye()
    {
        List<Message> seen = [];
        Serve(Welcomed("s1"), async link =>
        {
            using Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
            link.Agree(LinkPair.Agreement(1));
            await link.SendAsync(new Message.RoundStart(1, TinyNetwork.Cut, 0.1, weights), default);
            link.Close();
        });
        await RunAsync(async (task, link, cancellation) =>
        {
            Assert.Equal(TinyNetwork.Network.Parameters.Select(one => one.Name), task.Network.Parameters.Select(one => one.Name));
            seen.Add(await link.ReceiveAsync(cancellation));
            await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(cancellation));
        });
        Assert.IsType<Message.RoundStart>(Assert.Single(seen));
        Hello hello = Assert.Single(hellos);
        Assert.Equal((2u, "camera", 500ul, true), (hello.Version, hello.Device, hello.Samples, hello.Session.IsEmpty));
        Assert.Equal([ElementType.Float32, ElementType.Bfloat16, ElementType.Float16], hello.Encodings);
    }

    [Fact]
    public async Task A_lost_connection_is_made_again_and_the_session_goes_on()
    {
        int works = 0;
        ResumableLink link = NewServerLink();
        Serve(Welcomed("s1"), link, async connection =>
        {
            using Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
            link.Agree(LinkPair.Agreement(1));
            await link.SendAsync(new Message.RoundStart(1, TinyNetwork.Cut, 0.1, weights), default);
            connection.Abort();
        });
        server.Enqueue(_ => Task.FromException(new WebSocketException("not yet")));
        Serve(Welcomed("s1"), link, _ =>
        {
            link.Close();
            return Task.CompletedTask;
        });
        await RunAsync(async (_, own, cancellation) =>
        {
            works++;
            Assert.IsType<Message.RoundStart>(await own.ReceiveAsync(cancellation));
            await Assert.ThrowsAsync<LinkClosedException>(async () => await own.ReceiveAsync(cancellation));
        });
        Assert.Equal(1, works);
        Assert.Equal(["", "s1"], hellos.Select(hello => hello.Session.ToStringUtf8()));
        Assert.Equal([0ul, 1ul], hellos.Select(hello => hello.Received));
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_session_gets_a_new_one_and_the_work_begins_again()
    {
        int works = 0;
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Serve(Welcomed("s1"), NewServerLink(), async connection =>
        {
            await begun.Task;
            connection.Abort();
        });
        Serve(Welcomed("s2"), link =>
        {
            link.Close();
            return Task.CompletedTask;
        });
        await RunAsync(async (_, link, cancellation) =>
        {
            works++;
            begun.TrySetResult();
            await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(cancellation));
        });
        Assert.Equal(2, works);
        Assert.Equal(["", "s1"], hellos.Select(hello => hello.Session.ToStringUtf8()));
    }

    [Fact]
    public async Task Who_is_told_not_now_in_the_middle_comes_back_with_a_new_session()
    {
        Serve(Welcomed("s1"), link =>
        {
            link.Close(new RefusedException(ErrorCode.NotNow, "the round begins again"));
            return Task.CompletedTask;
        });
        Serve(Welcomed("s2"), link =>
        {
            link.Close();
            return Task.CompletedTask;
        });
        await RunAsync(async (_, link, cancellation) =>
            await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(cancellation)));
        Assert.Equal(["", ""], hellos.Select(hello => hello.Session.ToStringUtf8()));
    }

    [Fact]
    public async Task Who_is_refused_is_told_why_and_does_not_ask_again()
    {
        server.Enqueue(async connection =>
        {
            hellos.Add(await Handshake.ReceiveHelloAsync(connection, TimeSpan.FromSeconds(10), clock, default));
            await Handshake.RefuseAsync(connection, ErrorCode.Identity, "the fleet has no device 'camera'", TimeSpan.FromSeconds(10), clock, default);
        });
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => RunAsync((_, _, _) => Task.CompletedTask));
        Assert.Equal((ErrorCode.Identity, "the fleet has no device 'camera'"), (refused.Code, refused.Message));
        Assert.Single(hellos);
    }

    [Fact]
    public async Task A_device_whose_data_are_not_what_the_server_says_tells_it_why_and_begins_nothing()
    {
        RefusedException? told = null;
        server.Enqueue(async connection =>
        {
            hellos.Add(await Handshake.ReceiveHelloAsync(connection, TimeSpan.FromSeconds(10), clock, default));
            await Handshake.WelcomeAsync(connection, Welcomed("s1"), TinyNetwork.Text, "{}");
            told = await Assert.ThrowsAsync<RefusedException>(() => Handshake.ReceiveAcceptAsync(connection, TimeSpan.FromSeconds(10), clock, default));
        });
        InvalidInputException unsuitable = await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(
            (_, _, _) => throw new InvalidOperationException("There is no session."),
            accept: _ => throw new InvalidInputException("/home/ana/garden.csv:2", "it has a class 'weed'\u0007", "pull it out")));
        Assert.Equal("/home/ana/garden.csv:2", Assert.Single(unsuitable.Faults).Where);
        // Where things are on the device is nothing for the server; nor is what would ring its bell.
        Assert.Equal((ErrorCode.Unsuitable, "it has a class 'weed'?"), (told?.Code, told?.Message));
    }

    [Fact]
    public async Task What_ends_the_work_ends_the_session_and_is_thrown()
    {
        Serve(Welcomed("s1"), async link =>
        {
            LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(default));
            Assert.Equal("The Device failed.", closed.Message);
        });
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync((_, _, _) => Task.FromException(new InvalidOperationException("the battery is empty"))));
        Assert.Equal("the battery is empty", failure.Message);
    }

    [Fact]
    public async Task Patience_ends_when_the_server_stays_out_of_reach()
    {
        const int Enough = 1000;
        for (int attempt = 0; attempt < Enough; attempt++)
            server.Enqueue(_ => Task.FromException(new WebSocketException("no route")));
        ConnectionLostException lost = await Assert.ThrowsAsync<ConnectionLostException>(() => RunAsync((_, _, _) => Task.CompletedTask));
        Assert.StartsWith("http://server:1234/ has been out of reach for 6", lost.Message, StringComparison.Ordinal);
        // Pauses grow to ten seconds: a minute of patience is about ten attempts.
        Assert.InRange(Enough - server.Count, 7, 20);
        Assert.Equal("http://server:1234/ cannot be reached: no route; trying again for 60 s", Assert.Single(reports));
    }

    [Fact]
    public async Task Patience_ends_too_when_the_server_never_takes_the_device_in()
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            server.Enqueue(async connection =>
            {
                await Handshake.ReceiveHelloAsync(connection, TimeSpan.FromSeconds(10), clock, default);
                await Handshake.RefuseAsync(connection, ErrorCode.NotNow, "later", TimeSpan.FromSeconds(10), clock, default);
            });
        }

        ConnectionLostException lost = await Assert.ThrowsAsync<ConnectionLostException>(() => RunAsync((_, _, _) => Task.CompletedTask));
        Assert.EndsWith(" s: later", lost.Message, StringComparison.Ordinal);
        Assert.Equal("later; trying again for 60 s", Assert.Single(reports));
    }

    [Fact]
    public async Task A_link_that_is_lost_and_back_is_told_with_why_and_for_how_long()
    {
        ResumableLink link = NewServerLink();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Serve(Welcomed("s1"), link, async connection =>
        {
            await begun.Task;
            connection.Abort();
        });
        for (int attempt = 0; attempt < 3; attempt++)
            server.Enqueue(_ => Task.FromException(new WebSocketException("no route")));
        Serve(Welcomed("s1"), link, _ =>
        {
            link.Close(new RefusedException(ErrorCode.NotNow, "The server stops."));
            return Task.CompletedTask;
        });
        Serve(Welcomed("s2"), own =>
        {
            own.Close();
            return Task.CompletedTask;
        });
        await RunAsync(async (_, own, cancellation) =>
        {
            begun.TrySetResult();
            await Assert.ThrowsAsync<LinkClosedException>(async () => await own.ReceiveAsync(cancellation));
        });
        Assert.Collection(
            reports,
            first => Assert.Equal("connected to http://server:1234/", first),
            lost => Assert.EndsWith("; trying again for 60 s", lost, StringComparison.Ordinal),
            why => Assert.Equal("http://server:1234/ cannot be reached: no route; trying again for 60 s", why),
            back => Assert.Matches(@"^connected to http://server:1234/ again, after \d+\.\d s; the session goes on$", back),
            stops => Assert.Equal("The server stops; trying again for 60 s", stops),
            again => Assert.Matches(@"^connected to http://server:1234/ again, after \d+\.\d s; a new session begins$", again));
    }

    [Fact]
    public async Task A_server_that_speaks_another_protocol_is_not_for_this_device_and_hears_so()
    {
        RefusedException? told = null;
        server.Enqueue(async connection =>
        {
            hellos.Add(await Handshake.ReceiveHelloAsync(connection, TimeSpan.FromSeconds(10), clock, default));
            // As a server of version 1 does: the network is the whole payload. It hears why the device goes.
            Welcome first = Welcomed("s1");
            first.Version = 1;
            await connection.SendAsync(new FrameHeader { Welcome = first }, "name: tiny"u8.ToArray());
            ResumableLink link = NewServerLink();
            told = await Assert.ThrowsAsync<RefusedException>(() => link.RunAsync(connection, 0, default));
            Assert.True(link.IsClosed);
        });
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => RunAsync((_, _, _) => Task.CompletedTask));
        Assert.Equal((ErrorCode.Version, Handshake.VersionProblem(1, 2)), (refused.Code, refused.Message));
        Assert.Equal("the server speaks version 1 of the protocol and the device version 2: use the same release of edgesplit on both", told?.Message);
    }

    [Fact]
    public async Task Who_leaves_says_goodbye()
    {
        using CancellationTokenSource leave = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), ended = new();
        Serve(Welcomed("s1"), async link =>
        {
            // A device that leaves before it is welcomed has nobody to say goodbye to.
            await begun.Task;
            await leave.CancelAsync();
            LinkClosedException end = await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(default));
            Assert.Null(end.InnerException);
            ended.SetResult();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(
            async (_, link, cancellation) =>
            {
                begun.SetResult();
                await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(cancellation));
            },
            leave: leave.Token));
        await ended.Task;
    }

    [Fact]
    public async Task Who_is_asked_to_leave_after_the_servers_goodbye_is_done()
    {
        using CancellationTokenSource leave = new();
        Serve(Welcomed("s1"), link =>
        {
            link.Close();
            return Task.CompletedTask;
        });
        await RunAsync(
            async (_, link, cancellation) =>
            {
                await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(cancellation));
                await leave.CancelAsync();
            },
            leave: leave.Token);
    }

    [Fact]
    public void Pauses_are_the_same_for_the_same_seed_and_grow()
    {
        Backoff backoff = new(new(7)), again = new(new(7));
        double[] pauses = [.. Enumerable.Range(0, 12).Select(_ => backoff.Next().TotalSeconds)];
        Assert.Equal(pauses, Enumerable.Range(0, 12).Select(_ => again.Next().TotalSeconds));
        Assert.InRange(pauses[0], 0.125, 0.25);
        Assert.InRange(pauses[11], 5, 10);
        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 0.125, 0.25);
    }

    private ResumableLink NewServerLink() => new(LinkEnd.Server, TinyNetwork.Network, new LinkOptions(clock));

    private static Welcome Welcomed(string session) =>
        new() { Session = ByteString.CopyFromUtf8(session), Encoding = ElementType.Float32, HeartbeatSeconds = 5 };

    private void Serve(Welcome welcome, Func<ResumableLink, Task> session)
    {
        ResumableLink link = NewServerLink();
        Serve(welcome, link, _ => session(link));
    }

    /// <summary>The next connection that the device makes is taken in.</summary>
    private void Serve(Welcome welcome, ResumableLink link, Func<FrameConnection, Task> session) => server.Enqueue(async connection =>
    {
        Hello hello = await Handshake.ReceiveHelloAsync(connection, TimeSpan.FromSeconds(10), clock, default);
        hellos.Add(hello);
        welcome.Received = link.Received;
        await Handshake.WelcomeAsync(connection, welcome, TinyNetwork.Text, "{}");
        await Handshake.ReceiveAcceptAsync(connection, TimeSpan.FromSeconds(10), clock, default);
        Task run = link.RunAsync(connection, hello.Received, default);
        await session(connection);
        try
        {
            await run;
        }
        catch (Exception end) when (end is ConnectionLostException or RefusedException)
        {
            // As the session wanted it.
        }
    });

    /// <summary>Runs a device against the server's next connections; while it is not connected, time passes.</summary>
    private async Task RunAsync(Func<DeviceTask, ResumableLink, CancellationToken, Task> work, Action<DeviceTask>? accept = null, CancellationToken leave = default)
    {
        List<Task> serving = [];
        int connected = 0;
        DeviceConnectionOptions options = new(new Uri("http://server:1234"), "camera", 500, "test", clock)
        {
            Patience = TimeSpan.FromMinutes(1),
            Report = reports.Add,
            Open = async _ =>
            {
                Func<FrameConnection, Task> next = server.Dequeue();
                MemoryWire wire = new();
                Task served = next(new FrameConnection(wire.Server, clock));
                if (served.IsFaulted)
                    await served;
                Interlocked.Increment(ref connected);
                serving.Add(UntilOverAsync(served));
                return wire.Device;
            },
        };

        async Task UntilOverAsync(Task served)
        {
            try
            {
                await served;
            }
            finally
            {
                Interlocked.Decrement(ref connected);
            }
        }

        Task running = new DeviceConnection(options, accept ?? (_ => { }), (_, _) => Task.FromResult("{}"), work).RunAsync(leave);
        while (!running.IsCompleted)
        {
            await Task.Yield();
            if (Volatile.Read(ref connected) == 0)
                clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        await running;
        foreach (Task served in serving)
            await served;
    }
}
