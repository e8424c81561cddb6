using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Wire;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Cli;

/// <summary>What a networked run is told besides its experiment.</summary>
internal sealed record NetworkRunOptions
{
    /// <summary>The command that trains, and can go on with the run.</summary>
    public required string Command { get; init; }

    /// <summary>What the run begins with.</summary>
    public required RunSource Source { get; init; }

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
internal sealed class NetworkRun(PreparedExperiment prepared, ComputeLanes lanes, NetworkRunOptions options, TextWriter output, TextWriter error)
{
    /// <summary>For devices to say goodbye.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly TimeProvider clock = TimeProvider.System;

    /// <param name="security">Where to listen, and whom to let in.</param>
    /// <param name="listening">Called once devices may come; what it returns is not waited for until all is over.</param>
    /// <param name="cancellation">Gives the run up before it trains.</param>
    public async Task RunAsync(
        ServerSecurity security, Func<Uri, CancellationToken, Task> listening, CancellationToken cancellation)
    {
        FleetTerms terms = new(prepared) { Numerics = lanes.Numerics };
        SharedLinks links = new(prepared.Experiment, terms, clock);
        await using EdgeServer server = await EdgeServer.StartAsync(security, terms, links.OptionsFor, clock, Log, cancellation).ConfigureAwait(false);
        FailurePolicy failures = prepared.Experiment.Patience.ApplyTo(FailurePolicy.Tolerant);
        string? failure = "The server ended before the run did.";
        try
        {
            NetworkPlan plan;
            using (InterruptSignal interrupt = new(cancellation))
            {
                await listening(server.Address, interrupt.Token).ConfigureAwait(false);
                int count = options.Wait ?? terms.Names.Count;
                IReadOnlyList<int> present = await new FleetGathering(server.Sessions, error.WriteLine, clock)
                    .WaitAsync(count, options.Patience, interrupt.Token).ConfigureAwait(false);
                MeasurementTerms patience = new(failures, options.MeasurementPatience);
                FleetMeasurement measurement = new(prepared, server.Sessions, lanes, patience, error.WriteLine, clock);
                MeasuredFleet? measured = await measurement
                    .MeasureAsync(present, options.ProfilesAll, options.IsOneMachine, interrupt.Token).ConfigureAwait(false);
                if (options.IsVerbose && measured is not null)
                    TellLinks(measured);
                plan = NetworkPlan.Of(prepared, server.Sessions, present, measured, options.IsOneMachine, clock);
                foreach (string problem in options.IsEmulated ? plan.EmulationProblems : [])
                    await error.WriteLineAsync($"warning: {problem}; rounds will take longer than the plan claims").ConfigureAwait(false);
            }

            RunFolder folder = options.Source.FolderFor(prepared.Experiment);
            TrainingRun run = new(prepared, options.Command, folder, output, error);
            ClaimRecord claims = new();
            TrainingResult result = await run.TrainAsync(
                supervision => plan.TrainAsync(
                    new NetworkFleet(server.Sessions), failures, lanes, clock,
                    supervision with { Report = supervision.Report + claims.Note }),
                options.Progress,
                resume: options.Source.Old is not null).ConfigureAwait(false);
            TextWriter people = options.Progress == ProgressKind.Json ? error : output;
            using (result.Weights)
            {
                if (claims.Describe() is { } sentence)
                    await people.WriteLineAsync(sentence).ConfigureAwait(false);
                await RunSummary.WriteAsync(people, options.Command, folder, result, prepared.Experiment.Training.Rounds).ConfigureAwait(false);
            }

            failure = null;
        }
        finally
        {
            await server.CloseAsync(failure, Farewell).ConfigureAwait(false);
        }
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
