using System.Globalization;
using EdgeSplit.Cli.Progress;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Cli;

/// <summary>What a networked run is told besides its experiment.</summary>
internal sealed record NetworkRunOptions
{
    /// <summary>The command that trains, and can go on with the run.</summary>
    public required string Command { get; init; }

    public ProgressKind Progress { get; init; }

    /// <summary>So many devices must be there; null for all.</summary>
    public int? Wait { get; init; }

    /// <summary>How long to wait for them; null for as long as it takes.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>How long a device has to answer while it is measured.</summary>
    public TimeSpan MeasurementPatience { get; init; } = MeasurementTerms.DefaultPatience;

    /// <summary>Profile every device, whatever the experiment says of it.</summary>
    public bool ProfilesAll { get; init; }

    /// <summary>All devices are processes of this machine.</summary>
    public bool IsOneMachine { get; init; }

    /// <summary>They play the machines that the experiment gives them.</summary>
    public bool IsEmulated { get; init; }

    public bool IsVerbose { get; init; }
}

/// <summary>An experiment trained by a fleet over the network: from listening to goodbye, with a run folder as <c>train</c> writes one.</summary>
/// <param name="start">What is trained, from where on, and where it is written.</param>
/// <param name="lanes">Where the server's part of the arithmetic runs.</param>
/// <param name="options">What else there is to say.</param>
/// <param name="signal">Ends it.</param>
/// <param name="output">For progress.</param>
/// <param name="error">For what is said beside it.</param>
internal sealed class NetworkRun(
    RunStart start, ComputeLanes lanes, NetworkRunOptions options, StopSignal signal, TextWriter output, TextWriter error)
{
    /// <summary>For devices to say goodbye.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private static readonly RefusedException Failed = new(ErrorCode.Internal, "The server ended before the run did.");
    private static readonly RefusedException Stopping = new(ErrorCode.NotNow, "The server stops before the run is over; it may go on with it later.");

    private readonly TimeProvider clock = TimeProvider.System;
    private readonly PreparedExperiment prepared = start.Prepared;

    /// <param name="security">Where to listen, and whom to let in.</param>
    /// <param name="listening">Called once devices may come.</param>
    public async Task RunAsync(ServerSecurity security, Func<EdgeServer, CancellationToken, Task> listening)
    {
        CancellationToken cancellation = signal.Abandon;
        FleetTerms terms = new(prepared) { Numerics = lanes.Numerics };
        SharedLinks links = new(prepared.Experiment, terms, clock);
        await using EdgeServer server = await EdgeServer.StartAsync(security, terms, links.OptionsFor, clock, Log, cancellation).ConfigureAwait(false);
        FailurePolicy failures = prepared.Experiment.Patience.ApplyTo(FailurePolicy.Tolerant);
        RefusedException? failure = Failed;
        server.Sessions.Notices.TellMeanwhile(happened => error.WriteLine(Describe.Trouble(happened)));
        RememberData(server.Sessions);
        // At once: what is at work, and what waits for it, may take longer than there is time.
        using CancellationTokenRegistration goodbye = cancellation.UnsafeRegister(_ => server.Sessions.Close(Stopping), null);
        try
        {
            await listening(server, cancellation).ConfigureAwait(false);
            NetworkPlan plan = await PlanAsync(server.Sessions, failures, cancellation).ConfigureAwait(false);
            ClaimRecord claims = new();
            TrainingResult result = await new TrainingRun(start, options.Command, signal, output).TrainAsync(
                supervision => plan.TrainAsync(
                    new NetworkFleet(server.Sessions), failures, lanes, clock,
                    supervision with { Report = supervision.Report + claims.Note }),
                options.Progress).ConfigureAwait(false);
            TextWriter people = options.Progress == ProgressKind.Json ? error : output;
            using (result.Weights)
            {
                if (claims.Describe() is { } sentence)
                    await people.WriteLineAsync(sentence).ConfigureAwait(false);
                await RunSummary.WriteAsync(
                    people, options.Command, start.Claim.Folder, result, prepared.Experiment.Training.Rounds, prepared.Data.Test.Count == 0).ConfigureAwait(false);
            }

            failure = result.Rounds == prepared.Experiment.Training.Rounds ? null : Stopping;
        }
        catch (Exception end) when (cancellation.IsCancellationRequested && end is OperationCanceledException or LinkClosedException)
        {
            failure = Stopping;
            throw new OperationCanceledException("The run was stopped.", end, cancellation);
        }
        catch (FleetIncompleteException incomplete)
        {
            failure = new RefusedException(ErrorCode.Unsuitable, incomplete.Message);
            await RecordAsync(server.Sessions, incomplete).ConfigureAwait(false);
        }
        finally
        {
            await server.CloseAsync(failure, Farewell).ConfigureAwait(false);
        }
    }

    /// <summary>A run that could not begin: a folder that says why, and from which it can be begun again.</summary>
    /// <exception cref="RoundFailedException">Always, with what is to be done.</exception>
    private Task<TrainingResult> RecordAsync(DeviceSessions sessions, FleetIncompleteException incomplete) => new TrainingRun(start, options.Command, signal, output).TrainAsync(
        supervision =>
        {
            prepared.ReportStart(lanes, supervision);
            using IDisposable notices = sessions.Notices.Begin(supervision.Report);
            throw new RoundFailedException(incomplete.Message);
        },
        options.Progress);

    /// <summary>What a run that goes on knows of its devices' data.</summary>
    private void RememberData(DeviceSessions sessions)
    {
        RunFolder folder = start.Claim.Folder;
        foreach (RunEvent happened in !start.Claim.IsNew && File.Exists(folder.EventsPath) ? folder.ReadSoundEvents().Reverse() : [])
        {
            if (happened is DeviceJoined joined)
                sessions.Remember(joined.Device, new StatedData(joined.Samples, joined.DataDigest));
            else if (happened is DeviceDataChanged changed)
                sessions.Remember(changed.Device, new StatedData(changed.Samples, changed.DataDigest));
        }
    }

    /// <summary>Waits for the fleet, measures what is not known of it, and plans.</summary>
    private async Task<NetworkPlan> PlanAsync(DeviceSessions sessions, FailurePolicy failures, CancellationToken cancellation)
    {
        IReadOnlyList<int> present = await new FleetGathering(sessions, error.WriteLine, clock)
            .WaitAsync(options.Wait, failures.UpdatesNeeded(sessions.Terms.Names.Count), options.Patience, cancellation).ConfigureAwait(false);
        foreach ((int device, string reason) in sessions.Absent.OrderBy(one => one.Key))
            await error.WriteLineAsync($"warning: the run begins without {sessions.Terms.Names[device]}: {reason}").ConfigureAwait(false);
        MeasurementTerms patience = new(failures, options.MeasurementPatience);
        FleetMeasurement measurement = new(prepared, sessions, lanes, patience, error.WriteLine, clock);
        MeasuredFleet? measured = await measurement.MeasureAsync(present, options.ProfilesAll, options.IsOneMachine, cancellation).ConfigureAwait(false);
        if (options.IsVerbose && measured is not null)
            TellLinks(measured);
        NetworkPlan plan = NetworkPlan.Of(prepared, sessions, present, measured, options.IsOneMachine, clock);
        foreach (string problem in options.IsEmulated ? plan.EmulationProblems : [])
            await error.WriteLineAsync($"warning: {problem}; rounds will take longer than the plan claims").ConfigureAwait(false);
        return plan;
    }

    private void TellLinks(MeasuredFleet measured)
    {
        foreach ((int device, LinkMeasurement link) in measured.Devices.Zip(measured.Links))
        {
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"The link of {prepared.Experiment.Devices[device].Name}: {link.UplinkBitsPerSecond / 1e6:0.###} Mbps up, {link.DownlinkBitsPerSecond / 1e6:0.###} Mbps down, latency {link.LatencySeconds * 1e3:0.###} ms."));
        }
    }

    private void Log(ILoggingBuilder log)
    {
        log.SetMinimumLevel(options.IsVerbose ? LogLevel.Information : LogLevel.Warning);
        log.AddFilter("Microsoft", LogLevel.Critical);
        log.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).AddSimpleConsole(console => console.SingleLine = true);
    }
}
