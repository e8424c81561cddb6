using System.Net.WebSockets;
using System.Text;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Wire;

/// <summary>
/// A device's way to its server: connects, says hello, carries the link, and connects again, with growing pauses, whenever a
/// connection is lost.
/// </summary>
/// <param name="options">Where to, as whom.</param>
/// <param name="profile">Answers the server's request for a profile of the network: JSON.</param>
/// <param name="work">Does a session's work over its link, until that closes.</param>
public sealed class DeviceConnection(
    DeviceConnectionOptions options,
    Func<DeviceTask, CancellationToken, Task<string>> profile,
    Func<DeviceTask, ResumableLink, CancellationToken, Task> work)
{
    private readonly Backoff backoff = new(new SeededRandom(options.Seed, [.. Encoding.UTF8.GetBytes(options.Device).Select(one => (ulong)one)]));
    private DeviceSession? session;
    private long lastReached;

    /// <summary>Until the server says goodbye. Where the server has forgotten the session, the work begins again with a new link.</summary>
    /// <param name="cancellation">Leaves, with a goodbye.</param>
    /// <exception cref="RefusedException">The server does not take the device, or gave up.</exception>
    /// <exception cref="ProtocolException">The server sent what was not agreed.</exception>
    /// <exception cref="ConnectionLostException">The server was out of reach for longer than the device is patient.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        lastReached = options.Clock.GetTimestamp();
        try
        {
            while (!await TryFinishAsync(cancellation).ConfigureAwait(false))
                await Task.Delay(backoff.Next(), options.Clock, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await LeaveSessionAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One connection, from its beginning to its end.</summary>
    /// <returns>Whether the session is over.</returns>
    private async Task<bool> TryFinishAsync(CancellationToken cancellation)
    {
        try
        {
            FrameConnection connection = await ConnectAsync(cancellation).ConfigureAwait(false);
            ulong received;
            try
            {
                received = await GreetAsync(connection, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            options.Report?.Invoke($"connected to {options.Server}");
            backoff.Reset();
            try
            {
                await session!.RunAsync(connection, received, cancellation).ConfigureAwait(false);
                return true;
            }
            finally
            {
                lastReached = options.Clock.GetTimestamp();
            }
        }
        catch (ConnectionLostException lost)
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan away = options.Clock.GetElapsedTime(lastReached);
            if (away > options.Patience)
                throw new ConnectionLostException($"{options.Server} has been out of reach for {away.TotalSeconds:0} s: {lost.Message}", lost);
            options.Report?.Invoke(lost.Message);
            return false;
        }
        catch (RefusedException refused) when (refused.Code == ErrorCode.NotNow)
        {
            options.Report?.Invoke(refused.Message);
            if (session?.Link.Closed is not null)
                await LeaveSessionAsync().ConfigureAwait(false);
            return false;
        }
    }

    private async Task<FrameConnection> ConnectAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource timeout = new(options.HandshakeTimeout, options.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            WebSocket socket = await options.Open(either.Token).ConfigureAwait(false);
            Pacer? reading = options.Emulation?.DownlinkBitsPerSecond is { } rate ? new Pacer(options.Clock) { CeilingBitsPerSecond = rate } : null;
            return new FrameConnection(socket, options.Clock, FrameConnection.DefaultFragmentBytes, reading);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            string reason = timeout.IsCancellationRequested ? "no answer" : failure.GetBaseException().Message;
            throw new ConnectionLostException($"{options.Server} cannot be reached: {reason}", failure);
        }
    }

    /// <returns>The last message the server received.</returns>
    private async Task<ulong> GreetAsync(FrameConnection connection, CancellationToken cancellation)
    {
        Hello hello = new()
        {
            Version = Handshake.Version,
            Device = options.Device,
            Session = session?.Id ?? ByteString.Empty,
            Received = session?.Link.Received ?? 0,
            Samples = (ulong)options.Samples,
            Machine = options.Machine,
            Numerics = options.Numerics,
            Encodings = { Enum.GetValues<TensorEncoding>().Select(TensorEncodings.ToProtocol) },
        };
        (Welcome welcome, string model) =
            await Handshake.GreetAsync(connection, hello, options.HandshakeTimeout, options.Clock, cancellation).ConfigureAwait(false);
        if (session is not null && welcome.Session == session.Id)
            return welcome.Received;
        await LeaveSessionAsync().ConfigureAwait(false);
        session = new DeviceSession(new DeviceTask(NetworkOf(model), welcome), options, profile, work);
        return welcome.Received;
    }

    private async Task LeaveSessionAsync()
    {
        DeviceSession? left = session;
        session = null;
        if (left is not null)
            await left.EndAsync().ConfigureAwait(false);
    }

    private static Network NetworkOf(string model)
    {
        try
        {
            return new Network(ModelFile.Parse(model, "the server's model"));
        }
        catch (InvalidInputException invalid)
        {
            throw new ProtocolException($"Expected a network, received none: {invalid.Message}");
        }
    }
}
