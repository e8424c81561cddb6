namespace EdgeSplit.Data.Files;

/// <summary>The first faults of a file and how many more there are: a file of a few megabytes can have a million.</summary>
internal sealed class FaultSample(string path)
{
    /// <summary>More would bury the first.</summary>
    private const int Most = 20;

    private readonly List<Fault> first = [];

    public int Count { get; private set; }

    /// <summary>Counts a fault; it is made only where it is told.</summary>
    public void Add(Func<Fault> fault)
    {
        if (++Count <= Most)
            first.Add(fault());
    }

    public void Add(string where, string problem, string? remedy = null) => Add(() => new Fault(where, problem, remedy));

    public void AddTo(List<Fault> faults)
    {
        faults.AddRange(first);
        if (Count > Most)
            faults.Add(new Fault(path, $"{Count - Most} more faults like these"));
    }
}
