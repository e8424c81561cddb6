using System.Globalization;
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
/// <param name="accept">Holds the device's data against what the server says, before a session begins; throws where they do not fit.</param>
/// <param name="profile">Answers the server's request for a profile of the network: JSON.</param>
/// <param name="work">Does a session's work over its link, until that closes.</param>
public sealed class DeviceConnection(
    DeviceConnectionOptions options,
    Action<DeviceTask> accept,
    Func<DeviceTask, CancellationToken, Task<string>> profile,
    Func<DeviceTask, ResumableLink, CancellationToken, Task> work)
{
    private readonly Backoff backoff = new(new SeededRandom(options.Seed, [.. Encoding.UTF8.GetBytes(options.Device).Select(one => (ulong)one)]));
    private DeviceSession? session;
    private long lastReached;
    private bool wasReached;
    private string? told;

    /// <summary>
    /// Until the server says that the run is over. Where the server has forgotten the session, or says that it only stops, the work begins again
    /// with a new link as soon as there is one.
    /// </summary>
    /// <param name="cancellation">Leaves, with a goodbye.</param>
    /// <exception cref="RefusedException">The server does not take the device, or gave up.</exception>
    /// <exception cref="InvalidInputException">The device's data are not what the server says; it is told.</exception>
    /// <exception cref="ProtocolException">The server sent what was not agreed.</exception>
    /// <exception cref="ConnectionLostException">The server was out of reach for longer than the device is patient.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        lastReached = options.Clock.GetTimestamp();
        try
        {
            while (!await TryFinishAsync(cancellation).ConfigureAwait(false))
                await Task.Delay(NextPause(), options.Clock, cancellation).ConfigureAwait(false);
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
            DeviceSession? before = session;
            try
            {
                received = await GreetAsync(connection, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            TellOfConnection(goesOn: session == before);
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
            BePatient(lost);
            return false;
        }
        catch (RefusedException refused) when (refused.Code == ErrorCode.NotNow)
        {
            if (session?.Link.Closed is not null)
                await LeaveSessionAsync().ConfigureAwait(false);
            BePatient(refused);
            return false;
        }
    }

    /// <summary>Not beyond the end of the device's patience: the last attempt is made then.</summary>
    private TimeSpan NextPause()
    {
        TimeSpan pause = backoff.Next(), away = options.Clock.GetElapsedTime(lastReached);
        return away + pause <= options.Patience ? pause : options.Patience - away + TimeSpan.FromMilliseconds(1);
    }

    private void TellOfConnection(bool goesOn)
    {
        string back = wasReached
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" again, after {options.Clock.GetElapsedTime(lastReached).TotalSeconds:0.0} s; {(goesOn ? "the session goes on" : "a new session begins")}")
            : "";
        options.Report?.Invoke($"connected to {options.Server}{back}");
        (wasReached, told) = (true, null);
    }

    /// <summary>Tells why there is no connection, where that is news.</summary>
    /// <exception cref="ConnectionLostException">There has been none for too long.</exception>
    private void BePatient(Exception reason)
    {
        TimeSpan away = options.Clock.GetElapsedTime(lastReached);
        if (away > options.Patience)
            throw new ConnectionLostException($"{options.Server} has been out of reach for {away.TotalSeconds:0} s: {reason.Message}", reason);
        if (told == reason.Message)
            return;
        told = reason.Message;
        string limit = options.Patience == TimeSpan.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $" for {options.Patience.TotalSeconds:0.#} s");
        options.Report?.Invoke($"{reason.Message.TrimEnd('.')}; trying again{limit}");
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
            DataDigest = ByteString.CopyFrom(options.DataDigest),
        };
        (Welcome welcome, string model, string contract) =
            await Handshake.GreetAsync(connection, hello, options.HandshakeTimeout, options.Clock, cancellation).ConfigureAwait(false);
        if (session is not null && welcome.Session == session.Id)
        {
            await Handshake.AcceptAsync(connection).ConfigureAwait(false);
            return welcome.Received;
        }

        await LeaveSessionAsync().ConfigureAwait(false);
        DeviceTask task = await AcceptAsync(connection, model, welcome, contract, cancellation).ConfigureAwait(false);
        session = new DeviceSession(task, options, profile, work);
        return welcome.Received;
    }

    /// <summary>Takes the server's terms, or says why not.</summary>
    private async Task<DeviceTask> AcceptAsync(
        FrameConnection connection, string model, Welcome welcome, string contract, CancellationToken cancellation)
    {
        try
        {
            DeviceTask task = new(NetworkOf(model), welcome, contract);
            accept(task);
            await Handshake.AcceptAsync(connection).ConfigureAwait(false);
            return task;
        }
        catch (InvalidInputException unsuitable)
        {
            // Where things are on this machine is nothing for the server.
            string reason = string.Join("; ", unsuitable.Faults.Select(fault => fault.Problem));
            await RefuseAsync(ErrorCode.Unsuitable, reason).ConfigureAwait(false);
            throw;
        }
        catch (ProtocolException violation)
        {
            await RefuseAsync(ErrorCode.Protocol, violation.Message).ConfigureAwait(false);
            throw;
        }

        Task RefuseAsync(ErrorCode code, string reason) => Handshake.RefuseAsync(
            connection, code, reason[..Math.Min(reason.Length, Handshake.LongestReason)], options.HandshakeTimeout, options.Clock, cancellation);
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
