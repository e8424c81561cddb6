using EdgeSplit.Server.Sessions;

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
    /// <inheritdoc cref="WaitAsync(int?, int, TimeSpan?, CancellationToken)"/>
    public Task<IReadOnlyList<int>> WaitAsync(int count, TimeSpan? patience, CancellationToken cancellation) =>
        WaitAsync(count, count, patience, cancellation);

    /// <summary>Waits until the devices are there: so many, or all but those that are absent.</summary>
    /// <param name="count">How many; at most those of the fleet. Null for all that are not absent.</param>
    /// <param name="minimum">Fewer cannot make a run.</param>
    /// <param name="patience">How long; null for as long as it takes.</param>
    /// <param name="cancellation">Gives the wait up.</param>
    /// <returns>The devices of the run, ascending; no others may come from now on.</returns>
    /// <exception cref="TimeoutException">They did not come; the message says who is missing.</exception>
    /// <exception cref="FleetIncompleteException">So many were refused or have ended for good that they cannot come any more.</exception>
    public async Task<IReadOnlyList<int>> WaitAsync(int? count, int minimum, TimeSpan? patience, CancellationToken cancellation)
    {
        using CancellationTokenSource late = patience is { } most ? new(most, clock) : new();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        string? last = null;
        while (true)
        {
            Task change = sessions.Changed;
            IReadOnlyList<int> present = sessions.Present;
            IReadOnlyDictionary<int, string> absent = sessions.Absent;
            int possible = names.Count - absent.Count, needed = count ?? possible;
            if (possible < (count ?? minimum))
                throw new FleetIncompleteException($"the run cannot begin without {string.Join("; ", absent.Select(one => $"{names[one.Key]}: {one.Value}"))}");
            if (present.Count >= needed)
                return sessions.CloseFleet();
            string waited = Waited(present, needed, absent);
            if (waited != last)
                tell($"Waiting for {waited}.");
            last = waited;
            try
            {
                await change.WaitAsync(ended.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"after {patience!.Value.TotalSeconds:0} s, {present.Count} of {needed} devices are there; still waiting for {waited}");
            }
        }
    }

    private string Waited(IReadOnlyList<int> present, int count, IReadOnlyDictionary<int, string> absent)
    {
        string[] missing = [.. Enumerable.Range(0, names.Count).Except(present).Where(device => !absent.ContainsKey(device)).Select(device => names[device])];
        int more = count - present.Count;
        string whom = more == missing.Length ? List(missing) : $"{more} of {List(missing)}";
        return present.Count == 0 ? whom : $"{whom}; there: {List([.. present.Select(device => names[device])])}";
    }

    private static string List(string[] some) =>
        some.Length <= MostNames ? string.Join(", ", some) : $"{string.Join(", ", some.Take(MostNames))} and {some.Length - MostNames} more";
}

/// <summary>Devices without which a run cannot begin will not come; the message says which and why.</summary>
public sealed class FleetIncompleteException(string message) : Exception(message);
