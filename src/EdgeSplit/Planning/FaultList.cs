namespace EdgeSplit.Planning;

/// <summary>Faults of a document: the first hundred with their text, the rest counted, so that a broken file cannot fill memory.</summary>
internal sealed class FaultList
{
    private const int Kept = 100;

    private readonly List<Fault> faults = [];
    private long count;

    public bool IsEmpty => count == 0;

    /// <summary>Whether further faults would only be counted: what follows need not be kept to be judged.</summary>
    public bool IsFull => count > Kept;

    public void Add(string where, string problem, string? remedy = null)
    {
        if (++count <= Kept)
            faults.Add(new Fault(where, problem, remedy));
    }

    public void Add(FaultList others)
    {
        foreach (Fault fault in others.faults)
            Add(fault.Where, fault.Problem, fault.Remedy);
        count += others.count - others.faults.Count;
    }

    public bool Has(Predicate<Fault> match) => faults.Exists(match);

    public IReadOnlyList<Fault> ToFaults() => IsFull ? [.. faults, new Fault("...", $"and {count - Kept} faults more")] : [.. faults];
}
