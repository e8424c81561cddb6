using System.Collections.Immutable;

namespace EdgeSplit.Planning;

/// <summary>
/// A problem being put together, device after device and cut after cut, with everything wrong in it collected by its path in
/// the JSON form (<c>devices[3].cuts[0].fixedSeconds</c>).
/// </summary>
public sealed class ProblemDraft
{
    private readonly ImmutableArray<Resource> resources;
    private readonly List<string> names = [];
    private readonly Dictionary<string, int> deviceOfName = [];
    private readonly List<double> memoryBytes = [];
    private readonly List<double>?[] caps;
    private readonly List<int> firstOption = [];
    private readonly List<int> cuts = [];
    private readonly List<double> fixedSeconds = [];
    private readonly List<double>?[] demands;
    private readonly List<double> cutMemoryBytes = [];
    private readonly FaultList faults = new();
    private bool isTooLarge;

    /// <param name="resources">What the devices share. Faults in them are reported with the rest.</param>
    public ProblemDraft(IEnumerable<Resource> resources)
    {
        this.resources = [.. resources];
        caps = new List<double>?[this.resources.Length];
        demands = new List<double>?[this.resources.Length];
        HashSet<string> seen = [];
        for (int index = 0; index < this.resources.Length; index++)
        {
            Resource resource = this.resources[index];
            string where = $"resources[{index}]";
            if (resource.Name.Length == 0)
                AddFault($"{where}.name", "is empty");
            else if (!seen.Add(resource.Name))
                AddFault($"{where}.name", $"'{resource.Name}' is already the name of another resource");
            if (!(resource.Capacity > 0) || !ProblemLimits.IsInRange(resource.Capacity))
                AddFault($"{where}.capacity", Invariant($"{resource.Capacity} is not a capacity"), $"give a number {ProblemLimits.Range}");
        }

        if (this.resources.Length > ProblemLimits.MostResources)
            AddFault("resources", Invariant($"there are {this.resources.Length} of them"), Invariant($"list at most {ProblemLimits.MostResources}"));
    }

    public bool HasFaults => !faults.IsEmpty;

    /// <summary>What is wrong so far: the first hundred faults, and how many more there are.</summary>
    public IReadOnlyList<Fault> Faults() => faults.ToFaults();

    /// <summary>Whether so much is wrong that further devices need not be kept.</summary>
    internal bool IsHopeless => faults.IsFull || isTooLarge;

    private string DevicePath => $"devices[{names.Count - 1}]";

    private string CutPath => $"{DevicePath}.cuts[{cuts.Count - firstOption[^1] - 1}]";

    /// <summary>Notes something wrong that only the caller can see.</summary>
    public void AddFault(string where, string problem, string? remedy = null) => faults.Add(where, problem, remedy);

    internal void AddFaults(FaultList others) => faults.Add(others);

    /// <summary>Begins a device; its caps and cuts follow.</summary>
    /// <param name="name">Unique in the problem.</param>
    /// <param name="memory">Bytes; infinite for no limit.</param>
    public void AddDevice(string name, double memory = double.PositiveInfinity)
    {
        EndDevice();
        names.Add(name);
        memoryBytes.Add(memory);
        firstOption.Add(cuts.Count);
        for (int resource = 0; resource < caps.Length; resource++)
            caps[resource]?.Add(double.PositiveInfinity);
        if (name.Length == 0)
            AddFault($"{DevicePath}.name", "is missing or empty");
        else if (!deviceOfName.TryAdd(name, names.Count - 1))
            AddFault($"{DevicePath}.name", $"'{name}' is already the name of devices[{deviceOfName[name]}]", "name the devices apart");
        if (!(memory >= 0))
            AddFault($"{DevicePath}.memoryBytes", Invariant($"{memory} is not a number of bytes"), "give a number from 0, or leave it out");
    }

    /// <summary>Limits the device last added to so many units per second of a resource.</summary>
    public void SetCap(int resource, double cap)
    {
        string where = $"{DevicePath}.caps.{resources[resource].Name}";
        if (!ProblemLimits.IsInRange(cap))
            AddFault(where, Invariant($"{cap} is not a limit"), $"give 0, a number {ProblemLimits.Range}, or leave it out");
        if (resources[resource].Sharing != Sharing.Reserved)
            AddFault(where, "a work-conserving resource has no shares to cap", "leave it out, or make the resource reserved");
        List<double> limits = caps[resource] ??= [.. Enumerable.Repeat(double.PositiveInfinity, names.Count)];
        limits[^1] = cap;
    }

    /// <summary>Adds a cut to the device last added; its demands follow.</summary>
    /// <param name="cut">Blocks 1..cut run on the device.</param>
    /// <param name="seconds">Fixed seconds of a round: everything that no share changes.</param>
    /// <param name="memory">Bytes of memory it needs on the device.</param>
    public void AddCut(int cut, double seconds, double memory = 0)
    {
        if (isTooLarge)
            return;
        if ((long)resources.Length * (cuts.Count + 1) > ProblemLimits.MostDemands)
        {
            isTooLarge = true;
            AddFault("devices", Invariant($"they have more than {cuts.Count} cuts in all, each with a demand on {resources.Length} resources"), ProblemLimits.HowMany);
            return;
        }

        cuts.Add(cut);
        fixedSeconds.Add(seconds);
        cutMemoryBytes.Add(memory);
        foreach (List<double>? amounts in demands)
            amounts?.Add(0);
        if (cut < 0)
            AddFault($"{CutPath}.cut", $"{cut} is not a cut", "give a whole number from 0");
        if (!ProblemLimits.IsInRange(seconds))
            AddFault($"{CutPath}.fixedSeconds", Invariant($"{seconds} is not a number of seconds"), $"give 0, or a number {ProblemLimits.Range}");
        if (!(memory >= 0 && double.IsFinite(memory)))
            AddFault($"{CutPath}.memoryBytes", Invariant($"{memory} is not a number of bytes"), "give a finite number from 0");
        for (int other = firstOption[^1]; other < cuts.Count - 1; other++)
        {
            if (cuts[other] == cut)
                AddFault($"{CutPath}.cut", $"cut {cut} is already listed", "list each cut once");
        }
    }

    /// <summary>Sets what the cut last added demands of a resource in a round, in the resource's units.</summary>
    public void SetDemand(int resource, double amount)
    {
        if (!ProblemLimits.IsInRange(amount))
            AddFault($"{CutPath}.demand.{resources[resource].Name}", Invariant($"{amount} is not a demand"), $"give 0, or a number {ProblemLimits.Range}");
        if (isTooLarge || (amount == 0 && demands[resource] is null))
            return;
        List<double> amounts = demands[resource] ??= [.. Enumerable.Repeat(0.0, cuts.Count)];
        amounts[^1] = amount;
    }

    /// <exception cref="InvalidInputException">Everything found wrong.</exception>
    public Problem ToProblem()
    {
        EndDevice();
        if (names.Count == 0)
            AddFault("devices", "there are none", "list at least one");
        if (HasFaults)
            throw new InvalidInputException(Faults());
        return new Problem(
            resources, [.. names], [.. memoryBytes], [.. caps.Select(limits => limits?.ToArray())], [.. firstOption, cuts.Count],
            [.. cuts], [.. fixedSeconds], [.. demands.Select(amounts => amounts?.ToArray())], [.. cutMemoryBytes]);
    }

    private void EndDevice()
    {
        if (!isTooLarge && names.Count > 0 && firstOption[^1] == cuts.Count)
            AddFault($"{DevicePath}.cuts", "the device has no cuts", "list at least one");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
