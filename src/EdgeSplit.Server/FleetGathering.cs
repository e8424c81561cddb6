using EdgeSplit.Server.Sessions;
using EdgeSplit.Wire;

namespace EdgeSplit.Server;

/// <summary>The wait for the devices of a run.</summary>
/// <param name="sessions">Where they come.</param>
/// <param name="tell">Told who is there and who is missing, whenever that changes.</param>
/// <param name="clock">Times out.</param>
public sealed class FleetGathering(DeviceSessions sessions, Action<string> tell, TimeProvider clock)
{
    /// <summary>So many names fit a line that people read.</summary>
    private const int MostNames = 8;

    private readonly IReadOnlyList<string> names = sessions.Terms.Names;

    /// <summary>Waits until so many devices are there.</summary>
    /// <param name="count">How many; at most those of the fleet.</param>
    /// <param name="patience">How long; null for as long as it takes.</param>
    /// <param name="cancellation">Gives the wait up.</param>
    /// <param name="least">So many will do where others have ended for good; null for none but all.</param>
    /// <returns>The devices of the run, ascending; no others may come from now on.</returns>
    /// <exception cref="TimeoutException">They did not come; the message says who is missing.</exception>
    /// <exception cref="DeviceGoneException">Too many have ended for good; the message says how.</exception>
    public async Task<IReadOnlyList<int>> WaitAsync(int count, TimeSpan? patience, CancellationToken cancellation, int? least = null)
    {
        int wanted = count;
        using CancellationTokenSource late = patience is { } most ? new(most, clock) : new();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        while (true)
        {
            Task change = sessions.Changed;
            IReadOnlyList<int> present = sessions.Present;
            IReadOnlyList<(int Device, string Reason)> gone = sessions.Gone;
            count = Math.Min(wanted, names.Count - gone.Count);
            if (count < (least ?? wanted))
                throw new DeviceGoneException("the run cannot begin any more: " + string.Join("; ", gone.Select(one => $"{names[one.Device]}: {one.Reason}")));
            if (present.Count >= count)
                return sessions.CloseFleet();
            tell($"Waiting for {Waited(present, count)}.");
            try
            {
                await change.WaitAsync(ended.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"after {patience!.Value.TotalSeconds:0} s, {present.Count} of {count} devices are there; still waiting for {Waited(present, count)}");
            }
        }
    }

    private string Waited(IReadOnlyList<int> present, int count)
    {
        string[] missing = [.. Enumerable.Range(0, names.Count).Except(present).Except(sessions.Gone.Select(one => one.Device)).Select(device => names[device])];
        int more = count - present.Count;
        string whom = more == missing.Length ? List(missing) : $"{more} of {List(missing)}";
        return present.Count == 0 ? whom : $"{whom}; there: {List([.. present.Select(device => names[device])])}";
    }

    private static string List(string[] some) =>
        some.Length <= MostNames ? string.Join(", ", some) : $"{string.Join(", ", some.Take(MostNames))} and {some.Length - MostNames} more";
}
