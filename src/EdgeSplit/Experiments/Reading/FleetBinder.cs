using System.Globalization;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments.Reading;

/// <summary>The devices of a file, counts expanded, each with the cut that the method asks for.</summary>
internal sealed class FleetBinder(SectionValues root, SectionValues training, Method? method, Overrides overrides, string baseDirectory)
{
    /// <summary>Seconds that one plan may take at most.</summary>
    private const double LongestPlanning = 1e6;

    private readonly SectionValues plan = root.Section("plan");
    private readonly List<(int First, string Place, string CutPlace)> places = [];

    /// <summary>The first device of each entry of the file, where the entry stands, and its cut.</summary>
    public IReadOnlyList<(int First, string Place, string CutPlace)> Places => places;

    public IReadOnlyList<DeviceConfig> Bind()
    {
        if (!root.Has("fleet") && method is not Method.Centralized)
            root.Self.Faults.Add(root.Self.Node, "fleet", "this key is missing", "list the devices under fleet.devices");
        List<DeviceConfig> devices = [];
        Dictionary<string, YamlValue> names = new(StringComparer.Ordinal);
        foreach (SectionValues entry in root.Section("fleet").Items("devices"))
        {
            int count = entry.Whole("count")!.Value;
            int? cut = CutOf(entry);
            places.Add((devices.Count, entry.Self.Faults.PlaceOf(entry.Self.Node, entry.Self.Path), entry.PlaceOf("cut")));
            if (devices.Count + count > ExperimentKeys.MaximumCount)
            {
                entry.Self.Reject($"with it the fleet has more than {ExperimentKeys.MaximumCount} devices", "give a smaller count");
                break;
            }

            DeviceConfig kind = new("", cut)
            {
                Machine = MachineOf(entry),
                MemoryBytes = entry.Number("memory") ?? double.PositiveInfinity,
                Link = new LinkSpec(
                    entry.Number("uplink") ?? double.PositiveInfinity, entry.Number("downlink") ?? double.PositiveInfinity, entry.Number("latency") ?? 0),
            };
            if (entry.Text("name") is string name)
                devices.AddRange(Expand(entry, name, count, names).Select(each => kind with { Name = each }));
        }

        return method is Method.Centralized ? [new DeviceConfig("server", null)] : devices;
    }

    /// <summary>What the devices share; null where the file says nothing of bandwidth.</summary>
    public SharedConfig? BindShared()
    {
        SectionValues fleet = root.Section("fleet"), server = fleet.Section("server"), bandwidth = fleet.Section("bandwidth");
        if (!fleet.Has("bandwidth"))
        {
            if (fleet.Has("server"))
                fleet.At("server").Reject("without the bandwidth all devices share, nothing follows from the server's costs", "add fleet.bandwidth");
            return null;
        }

        double? total = bandwidth.Number("total"), uplink = bandwidth.Number("uplink"), downlink = bandwidth.Number("downlink");
        if (bandwidth.Has("total") == (bandwidth.Has("uplink") || bandwidth.Has("downlink")) || bandwidth.Has("uplink") != bandwidth.Has("downlink"))
            bandwidth.Self.Reject("it is neither one rate for both directions nor two", "give a rate alone, or uplink and downlink");
        SharedBandwidth shared = uplink is double up && downlink is double down ? new SharedBandwidth.Duplex(up, down) : new SharedBandwidth.Pool(total ?? 1);
        return new SharedConfig(shared, MachineOf(server), server.Whole("lanes")!.Value);
    }

    /// <summary>Who decides the cuts; null where the file does.</summary>
    public PlanConfig? BindPlan()
    {
        if (method is not (null or Method.EdgeSplit))
        {
            bool outdone = training.Has("method") && overrides.Covers(training.At("method")) && !overrides.Covers(root.At("plan"));
            if (root.Has("plan") && !outdone)
                root.At("plan").Reject($"the method {Vocabulary.NameOf(method.Value)} leaves a plan nothing to decide", "remove it, or set training.method to edgesplit");
            bool asksForBest = method.Value.HasCommonCut() && training.Has("cut") && training.Whole("cut") is null;
            return asksForBest ? PlanConfig.BestCommonCut : null;
        }

        if (!root.Has("plan"))
            return null;
        return new PlanConfig(
            plan.Text("policy") ?? "edgesplit", plan.Number("replanOver")!.Value, plan.Flag("excludeInfeasible"), plan.Flag("lendIdleShares"))
        {
            TimeLimit = TimeLimitOf(plan),
        };
    }

    private static TimeSpan TimeLimitOf(SectionValues plan)
    {
        if (plan.Number("timeLimit") is not { } seconds)
            return PlanningTime.DefaultLimit;
        if (seconds is > 0 and <= LongestPlanning)
            return TimeSpan.FromSeconds(Math.Max(seconds, 1e-6));
        plan.At("timeLimit").Reject("it is not a time to plan in", "give more than 0 s, up to 1000000 s");
        return PlanningTime.DefaultLimit;
    }

    private MachineConfig MachineOf(SectionValues machine) =>
        new(machine.Text("class"), machine.Text("profile") is string file ? Path.GetFullPath(file, baseDirectory) : null);

    private static List<string> Expand(SectionValues entry, string name, int count, Dictionary<string, YamlValue> names)
    {
        List<string> expanded = [.. Enumerable.Range(1, count)
            .Select(number => count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"))];
        YamlValue at = entry.At("name");
        foreach (string each in expanded)
        {
            if (names.TryAdd(each, at))
                continue;
            YamlValue first = names[each];
            at.Reject($"two devices are called '{each}'", $"the first is at {first.Faults.PlaceOf(first.Node, first.Path)}; name them apart");
            break;
        }

        return expanded;
    }

    private int? CutOf(SectionValues entry)
    {
        if (method is { } common && common.HasCommonCut())
        {
            RejectCut(entry, $"the method {Vocabulary.NameOf(common)} has one cut for all devices", "remove it; the cut is training.cut");
            return training.Whole("cut");
        }

        if (method is Method.FedAvg or Method.Centralized)
        {
            RejectCut(entry, $"the method {Vocabulary.NameOf(method.Value)} has no cuts", "remove it, or set training.method to edgesplit");
            return null;
        }

        if (method is Method.EdgeSplit && root.Has("plan"))
        {
            bool outdone = (overrides.Covers(root.At("plan")) || (plan.Has("policy") && overrides.Covers(plan.At("policy"))))
                && !overrides.Covers(entry.At("cut"));
            if (entry.Has("cut") && !outdone)
                entry.At("cut").Reject("the plan decides the cuts", "remove it, or remove plan");
            return null;
        }

        if (method is Method.EdgeSplit && !entry.Has("cut"))
        {
            entry.Self.Faults.Add(
                entry.Self.Node,
                entry.Self.Path.Length > 0 ? entry.Self.Path + ".cut" : "cut",
                "this key is missing",
                "with the method edgesplit every device has its cut (blocks 1..cut run on it), or a plan decides: add plan: edgesplit");
        }

        return entry.Whole("cut");
    }

    /// <summary>A method chosen on the command line makes the file's cuts meaningless, not wrong.</summary>
    private void RejectCut(SectionValues entry, string problem, string remedy)
    {
        bool outdone = training.Has("method") && overrides.Covers(training.At("method")) && !overrides.Covers(entry.At("cut"));
        if (entry.Has("cut") && !outdone)
            entry.At("cut").Reject(problem, remedy);
    }
}
