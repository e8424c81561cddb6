using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>What a <see cref="PlanReader"/> has read so far, as it fits the problem.</summary>
internal sealed class PlanFields
{
    private readonly Problem problem;
    private readonly Dictionary<string, int> deviceOfName = [];
    private readonly int[] options;
    private readonly double[]?[] shares;
    private readonly double[] deviceSeconds;
    private readonly List<InfeasibleDevice> infeasible = [];
    private bool isBroken;

    public PlanFields(Problem problem)
    {
        this.problem = problem;
        options = new int[problem.DeviceCount];
        Array.Fill(options, -1);
        deviceSeconds = new double[problem.DeviceCount];
        shares = [.. problem.Resources.Select(resource => resource.Sharing == Sharing.Reserved ? new double[problem.DeviceCount] : null)];
        for (int device = 0; device < problem.DeviceCount; device++)
            deviceOfName[problem.DeviceName(device)] = device;
    }

    public FaultList Faults { get; } = new();

    public string? Status { get; set; }

    public string? Policy { get; set; }

    public double? RoundSeconds { get; set; }

    public double? LowerBoundSeconds { get; set; }

    public void AddBroken(string source, JsonException broken)
    {
        isBroken = true;
        (string where, string what) = JsonTokens.Describe(source, broken);
        Faults.Add(where, what);
    }

    public void AddDevice(string path, string? name, double? cut, Dictionary<string, double> amounts, double? seconds)
    {
        int device = Find(path + ".name", name);
        CheckShares(path, amounts);
        if (cut is null)
            Faults.Add(path + ".cut", "is missing");
        if (seconds is null)
            Faults.Add(path + ".roundSeconds", "is missing");
        if (device < 0 || cut is null)
            return;
        if (options[device] >= 0)
        {
            Faults.Add(path + ".name", $"'{name}' is there twice");
            return;
        }

        options[device] = cut == Math.Floor(cut.Value) && Math.Abs(cut.Value) <= int.MaxValue ? problem.FindOption(device, (int)cut) : -1;
        if (options[device] < 0)
            Faults.Add(path + ".cut", FormattableString.Invariant($"'{name}' has no cut {cut}"));
        deviceSeconds[device] = seconds ?? 0;
        for (int resource = 0; resource < shares.Length; resource++)
        {
            if (shares[resource] is { } column)
                column[device] = amounts.GetValueOrDefault(problem.Resources[resource].Name);
        }
    }

    public void AddInfeasible(string path, string? name, string? reason)
    {
        int device = Find(path + ".device", name);
        if (reason is null)
            Faults.Add(path + ".reason", "is missing");
        if (device >= 0 && reason is not null)
            infeasible.Add(new InfeasibleDevice(name!, reason));
    }

    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public Plan ToPlan()
    {
        PlanStatus? status = null;
        if (!isBroken)
            status = CheckWhole();
        if (!Faults.IsEmpty || status is null)
            throw new InvalidInputException(Faults.ToFaults());
        return status == PlanStatus.Infeasible
            ? new Plan(problem, Policy!, [.. infeasible])
            : new Plan(problem, Policy!, new Allocation(options, shares, deviceSeconds, RoundSeconds!.Value), LowerBoundSeconds!.Value);
    }

    private PlanStatus? CheckWhole()
    {
        PlanStatus? status = PlanWriter.FindStatus(Status);
        if (status is null)
            Faults.Add("status", Status is null ? "is missing" : $"'{Status}' is not a status", "write optimal, feasible or infeasible");
        if (Policy is null)
            Faults.Add("policy", "is missing", "name the policy that decided");
        if (status == PlanStatus.Infeasible)
        {
            if (infeasible.Count == 0)
                Faults.Add("infeasible", "names no device", "list the devices in the way with their reasons");
            return status;
        }

        if (RoundSeconds is null)
            Faults.Add("roundSeconds", "is missing");
        if (LowerBoundSeconds is null)
            Faults.Add("lowerBoundSeconds", "is missing");
        for (int device = 0; device < options.Length && Faults.IsEmpty; device++)
        {
            if (options[device] < 0)
                Faults.Add("devices", $"'{problem.DeviceName(device)}' is missing", "list every device of the problem");
        }

        if (Faults.IsEmpty && LowerBoundSeconds > RoundSeconds)
            Faults.Add("lowerBoundSeconds", FormattableString.Invariant($"{LowerBoundSeconds} is more than the round of {RoundSeconds} s"));
        else if (Faults.IsEmpty && status == PlanStatus.Optimal && RoundSeconds - LowerBoundSeconds > Plan.CertifiedGap * RoundSeconds)
            Faults.Add("status", "the lower bound does not meet the round", "a plan is optimal within a millionth; write feasible");
        return status;
    }

    private int Find(string path, string? name)
    {
        if (name is not null && deviceOfName.TryGetValue(name, out int device))
            return device;
        Faults.Add(path, name is null ? "is missing" : $"there is no device '{name}' in the problem");
        return -1;
    }

    private void CheckShares(string path, Dictionary<string, double> amounts)
    {
        foreach ((string name, double amount) in amounts)
        {
            int resource = -1;
            for (int index = 0; index < shares.Length; index++)
                resource = problem.Resources[index].Name == name ? index : resource;
            if (resource < 0)
                Faults.Add($"{path}.shares.{name}", $"there is no resource '{name}' in the problem");
            else if (shares[resource] is null)
                Faults.Add($"{path}.shares.{name}", "a work-conserving resource has no shares", "leave it out");
            else if (amount < 0)
                Faults.Add($"{path}.shares.{name}", FormattableString.Invariant($"{amount} is not a share"), "give a number from 0");
        }
    }
}
