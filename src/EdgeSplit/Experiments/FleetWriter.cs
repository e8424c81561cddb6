using System.Globalization;
using System.Text;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments;

/// <summary>Writes the devices, what they share and who decides their cuts, as an experiment file has them.</summary>
internal static class FleetWriter
{
    public static void Write(StringBuilder text, Experiment experiment, Func<string, string> pathText)
    {
        text.Append("fleet:\n");
        if (experiment.Shared is { } shared)
        {
            text.Append("  bandwidth: ").Append(shared.Bandwidth switch
            {
                SharedBandwidth.Duplex both => $"{{ uplink: {Quantity.Rate.Write(both.UplinkBitsPerSecond)}, downlink: {Quantity.Rate.Write(both.DownlinkBitsPerSecond)} }}",
                SharedBandwidth.Pool pool => $"{{ total: {Quantity.Rate.Write(pool.BitsPerSecond)} }}",
                _ => throw new ArgumentOutOfRangeException(nameof(experiment), shared.Bandwidth, null),
            });
            text.Append(CultureInfo.InvariantCulture, $"\n  server: {{ {MachineText(shared.Server, pathText)}lanes: {shared.ServerLanes} }}\n");
        }

        text.Append("  devices:\n");
        WriteDevices(text, experiment, pathText);
        if (!experiment.Training.Method.HasCommonCut() && experiment.Plan is { } plan)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"plan: {{ policy: {YamlScalar.Write(plan.Policy)}, replanOver: {YamlScalar.Write(plan.ReplanOver)}, excludeInfeasible: {YamlScalar.Write(plan.ExcludeInfeasible)}, lendIdleShares: {YamlScalar.Write(plan.LendIdleShares)}{TimeLimitText(plan)} }}\n");
        }
    }

    /// <summary>Written only where it is not the default.</summary>
    private static string TimeLimitText(PlanConfig plan) =>
        plan.TimeLimit == PlanningTime.DefaultLimit ? "" : $", timeLimit: {Quantity.Time.Write(plan.TimeLimit.TotalSeconds)}";

    /// <summary>A line a device; runs of name-1, name-2, ... alike in all else as the one entry with a count that they are.</summary>
    private static void WriteDevices(StringBuilder text, Experiment experiment, Func<string, string> pathText)
    {
        bool hasCuts = experiment.Training.Method == Method.EdgeSplit;
        IReadOnlyList<DeviceConfig> devices = experiment.Devices;
        for (int first = 0; first < devices.Count;)
        {
            DeviceConfig device = devices[first];
            string? family = device.Name.EndsWith("-1", StringComparison.Ordinal) ? device.Name[..^2] : null;
            int count = 1;
            while (family is { Length: > 0 } && first + count < devices.Count
                && devices[first + count] == device with { Name = string.Create(CultureInfo.InvariantCulture, $"{family}-{count + 1}") })
            {
                count++;
            }

            string name = YamlScalar.Write(count > 1 ? family! : device.Name);
            string cut = hasCuts && device.Cut is int number ? string.Create(CultureInfo.InvariantCulture, $", cut: {number}") : "";
            text.Append(CultureInfo.InvariantCulture, $"    - {{ name: {name}, count: {count}{cut}{Costs(device, pathText)} }}\n");
            first += count;
        }
    }

    private static string Costs(DeviceConfig device, Func<string, string> pathText)
    {
        StringBuilder text = new();
        string machine = MachineText(device.Machine, pathText);
        if (machine.Length > 0)
            text.Append(", ").Append(machine[..^2]);
        Append("memory", Quantity.Size, device.MemoryBytes);
        Append("uplink", Quantity.Rate, device.Link.UplinkBitsPerSecond);
        Append("downlink", Quantity.Rate, device.Link.DownlinkBitsPerSecond);
        if (device.Link.LatencySeconds > 0)
            Append("latency", Quantity.Time, device.Link.LatencySeconds);
        return text.ToString();

        void Append(string key, Quantity quantity, double value)
        {
            if (double.IsFinite(value))
                text.Append(CultureInfo.InvariantCulture, $", {key}: {quantity.Write(value)}");
        }
    }

    private static string MachineText(MachineConfig machine, Func<string, string> pathText) => machine switch
    {
        { Class: string name } => $"class: {YamlScalar.Write(name)}, ",
        { ProfileFile: string file } => $"profile: {pathText(file)}, ",
        _ => "",
    };
}
