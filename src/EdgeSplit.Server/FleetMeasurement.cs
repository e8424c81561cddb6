using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Server;

/// <summary>
/// What a fleet costs, measured before it is planned: blocks on every machine, and the links in between. A device that cannot be
/// measured is left out of the run, if that leaves as many as a round must have.
/// </summary>
/// <param name="prepared">The experiment.</param>
/// <param name="sessions">The devices.</param>
/// <param name="lanes">Where the server's own profile is measured.</param>
/// <param name="terms">How long, and what becomes of devices that fail.</param>
/// <param name="tell">Told what is being measured.</param>
/// <param name="clock">Measures and times out.</param>
public sealed class FleetMeasurement(
    PreparedExperiment prepared, DeviceSessions sessions, ComputeLanes lanes, MeasurementTerms terms, Action<string> tell, TimeProvider clock)
{
    /// <summary>The server's name among measured profiles.</summary>
    internal const string Server = "";

    private const int ProfileRepetitions = 5;

    /// <summary>No block of any batch takes longer, in seconds: beyond it a device says what no plan can count with.</summary>
    private const double LongestSeconds = 24 * 3600;

    private readonly DeviceInquiry inquiry = new(sessions, terms.Patience, tell, clock);
    private readonly Dictionary<int, Profile> profiles = [];
    private readonly Dictionary<int, LinkMeasurement> links = [];
    private readonly IReadOnlyList<string> names = sessions.Terms.Names;

    /// <summary>Measures what the experiment does not say, or everything that can be; null where no one plans by it.</summary>
    /// <param name="present">The devices of the run, ascending.</param>
    /// <param name="everything">Profile every device, whatever the experiment says of it.</param>
    /// <param name="oneByOne">The devices share a machine: they are not measured side by side.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <exception cref="MeasurementFailedException">Too few devices could be measured.</exception>
    public async Task<MeasuredFleet?> MeasureAsync(IReadOnlyList<int> present, bool everything, bool oneByOne, CancellationToken cancellation)
    {
        Experiment experiment = prepared.Experiment;
        if (experiment is { Plan: null, Shared: null })
            return null;
        // A class is an estimate of this machine; better than that is to look.
        Profile? own = everything || experiment.Shared?.Server.ProfileFile is null ? await ProfileServerAsync(cancellation).ConfigureAwait(false) : null;
        int needed = terms.Failures.UpdatesNeeded(present.Count);
        IReadOnlyDictionary<int, string> failures = await MeasureDevicesAsync(present, everything, oneByOne, cancellation).ConfigureAwait(false);
        for (int repeats = 0; present.Count - failures.Count < needed; repeats++)
        {
            if (repeats == terms.Failures.RepeatsAtMost || present.Count(device => !sessions.Absent.ContainsKey(device)) < needed)
                throw new MeasurementFailedException(
                    $"{present.Count - failures.Count} of the {needed} devices that a round must have could be measured: {string.Join("; ", failures.Select(Describe))}");
            foreach (KeyValuePair<int, string> failure in failures)
                tell($"{Describe(failure)}; it is asked again.");
            failures = await MeasureDevicesAsync([.. failures.Keys.Order()], everything, oneByOne, cancellation).ConfigureAwait(false);
        }

        foreach (int device in failures.Keys)
            sessions.Dismiss(device, $"the run goes on without this device: {failures[device]}");
        Dictionary<string, Profile> byName = profiles.ToDictionary(profile => names[profile.Key], profile => profile.Value);
        if (own is not null)
            byName[Server] = own;
        int[] measured = [.. links.Keys.Order()];
        return new MeasuredFleet(measured, byName, [.. measured.Select(device => links[device])], [.. failures.Select(Describe)]);
    }

    /// <summary>Measures devices that were not measured before.</summary>
    /// <returns>Why, for each that could not be.</returns>
    private async Task<IReadOnlyDictionary<int, string>> MeasureDevicesAsync(
        IReadOnlyList<int> devices, bool everything, bool oneByOne, CancellationToken cancellation)
    {
        SortedDictionary<int, string> failures = [];
        int[] unknown =
        [
            .. devices.Where(device => !profiles.ContainsKey(device)
                && (everything || prepared.Experiment.Devices[device].Machine is { Class: null, ProfileFile: null })),
        ];
        if (unknown.Length > 0)
            tell($"Measuring what each block costs on {string.Join(", ", unknown.Select(device => names[device]))}.");
        await ForEachAsync(unknown, oneByOne, profiles, AskForProfileAsync).ConfigureAwait(false);
        // One link at a time: side by side they would measure what they share.
        await ForEachAsync([.. devices.Where(device => !failures.ContainsKey(device))], oneByOne: true, links, AskForLinkAsync).ConfigureAwait(false);
        return failures;

        Task<Answer<Profile>> AskForProfileAsync(int device) =>
            inquiry.AskAsync(device, "profile", (link, ended) => ProfileAsync(device, link, ended), cancellation);

        Task<Answer<LinkMeasurement>> AskForLinkAsync(int device) =>
            inquiry.AskAsync(device, "answer to a probe of its link", (link, ended) => link.ProbeAsync(ended), cancellation);

        async Task ForEachAsync<T>(IReadOnlyList<int> asked, bool oneByOne, Dictionary<int, T> results, Func<int, Task<Answer<T>>> ask)
            where T : class
        {
            List<Task<Answer<T>>> pending = [];
            foreach (int device in asked)
            {
                pending.Add(ask(device));
                if (oneByOne)
                    await pending[^1].ConfigureAwait(false);
            }

            foreach ((int device, Answer<T> answer) in asked.Zip(await Task.WhenAll(pending).ConfigureAwait(false)))
            {
                if (answer.Value is { } value)
                    results[device] = value;
                else
                    failures[device] = answer.Failure!;
            }
        }
    }

    private Task<Profile> ProfileServerAsync(CancellationToken cancellation)
    {
        TrainingSpec training = prepared.Experiment.Training;
        tell("Measuring what each block costs on this machine.");
        return lanes.RunAsync(() => new Profiler(prepared.Network, training.Optimizer, training.BatchSize, lanes.Engine, clock)
            .Measure("server", prepared.Experiment.Compute.ThreadsPerLane, ProfileRepetitions, cancellation));
    }

    private async Task<Profile> ProfileAsync(int device, ResumableLink link, CancellationToken cancellation)
    {
        string json = await link.ProfileAsync(cancellation).ConfigureAwait(false);
        string source = $"the profile that '{names[device]}' sent";
        try
        {
            using MemoryStream stream = new(Encoding.UTF8.GetBytes(json));
            Profile profile = ProfileFile.Read(stream, source);
            if (profile.MisfitOf(prepared.Network, source) is { } misfit)
                throw new InvalidInputException([misfit]);
            return profile.TotalSeconds <= LongestSeconds ? profile : throw new InvalidInputException(source, $"a batch takes longer than {LongestSeconds} s by it");
        }
        catch (InvalidInputException invalid)
        {
            // One fault says enough, and a device does not fill the log with more.
            throw new ProtocolException($"Expected a profile of {prepared.Network.Spec.Name}: {invalid.Faults[0] with { Remedy = null }}");
        }
    }

    private string Describe(KeyValuePair<int, string> failure) => $"{names[failure.Key]}: {failure.Value}";
}

/// <summary>What holds while a fleet is measured.</summary>
/// <param name="Failures">How many devices there must be, and how often those that failed are asked again for it.</param>
/// <param name="Patience">For a device's answer to one question.</param>
public sealed record MeasurementTerms(FailurePolicy Failures, TimeSpan Patience)
{
    /// <summary>Ample for a profile of vgg16 for images of 32x32 on the slowest class, and for a probe at 10 kbit/s.</summary>
    public static TimeSpan DefaultPatience { get; } = TimeSpan.FromMinutes(5);
}

/// <summary>What was measured of a fleet.</summary>
/// <param name="Devices">Those that could be measured, ascending: the run's.</param>
/// <param name="Profiles">By device name; the server's under an empty one.</param>
/// <param name="Links">Of those devices, in order.</param>
/// <param name="LeftOut">The others, each with why.</param>
public sealed record MeasuredFleet(
    IReadOnlyList<int> Devices, IReadOnlyDictionary<string, Profile> Profiles, IReadOnlyList<LinkMeasurement> Links, IReadOnlyList<string> LeftOut)
{
    /// <summary>The server's own costs; null where the experiment gives them.</summary>
    public Profile? ServerProfile => Profiles.GetValueOrDefault(FleetMeasurement.Server);
}

/// <summary>Too few devices of a fleet could be measured to begin with it.</summary>
public sealed class MeasurementFailedException(string message) : Exception(message);
