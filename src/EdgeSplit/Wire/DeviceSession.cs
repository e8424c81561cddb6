using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace EdgeSplit.Wire;

/// <summary>A device's link to one session of a server, and the work on it: they outlive connections.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A cancelled source without a timer holds nothing.")]
internal sealed class DeviceSession
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task working;

    public DeviceSession(
        DeviceTask task, DeviceConnectionOptions options, Func<DeviceTask, CancellationToken, Task<string>> profile,
        Func<DeviceTask, ResumableLink, CancellationToken, Task> work)
    {
        Id = task.Welcome.Session;
        Link = new ResumableLink(LinkEnd.Device, task.Network, new LinkOptions(options.Clock)
        {
            Encoding = TensorEncodings.FromProtocol(task.Welcome.Encoding)
                ?? throw new ProtocolException($"Expected an encoding of smashed data, received {task.Welcome.Encoding}."),
            Heartbeat = TimeSpan.FromSeconds(task.Welcome.HeartbeatSeconds),
            Profile = _ => profile(task, stop.Token),
            Emulation = options.Emulation,
        });
        working = Task.Run(() => WorkAsync(() => work(task, Link, stop.Token)));
    }

    public ByteString Id { get; }

    public ResumableLink Link { get; }

    /// <summary>Carries the link over a connection; where that ends the session, waits for the work to end too, and throws what ended it.</summary>
    public async Task RunAsync(FrameConnection connection, ulong received, CancellationToken cancellation)
    {
        bool isLeft = false;
        using (cancellation.UnsafeRegister(_ => Leave(), null))
            await Link.RunAsync(connection, received, CancellationToken.None).ConfigureAwait(false);
        // A device that is asked to stop after the server's goodbye is done all the same.
        if (isLeft)
            cancellation.ThrowIfCancellationRequested();
        await working.ConfigureAwait(false);

        void Leave()
        {
            isLeft = Link.Closed is null;
            Link.Close();
        }
    }

    /// <summary>Gives the work up where it is still going on.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "What ended the work was told to the server and thrown by RunAsync.")]
    public async Task EndAsync()
    {
        Link.Close();
        await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await working.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Given up.
        }

        await Link.DisposeAsync().ConfigureAwait(false);
        stop.Dispose();
    }

    /// <summary>Whatever ends the work ends the link, and reaches the server through it.</summary>
    private async Task WorkAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            Link.Close();
        }
        catch (Exception cause)
        {
            Link.Close(cause);
            throw;
        }
    }
}
