using System.Globalization;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Training;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments.Reading;

/// <summary>The devices of a file, counts expanded, each with the cut that the method asks for.</summary>
internal sealed class FleetBinder(SectionValues root, SectionValues training, Method? method, Overrides overrides)
{
    private readonly List<(int First, string Place)> places = [];

    /// <summary>The first device of each entry of the file, and where its cut stands.</summary>
    public IReadOnlyList<(int First, string Place)> Places => places;

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
            places.Add((devices.Count, entry.PlaceOf("cut")));
            if (devices.Count + count > ExperimentKeys.MaximumCount)
            {
                entry.Self.Reject($"with it the fleet has more than {ExperimentKeys.MaximumCount} devices", "give a smaller count");
                break;
            }

            if (entry.Text("name") is string name)
                devices.AddRange(Expand(entry, name, count, names).Select(each => new DeviceConfig(each, cut)));
        }

        return method is Method.Centralized ? [new DeviceConfig("server", null)] : devices;
    }

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
        if (method is Method.SplitFedV1)
        {
            RejectCut(entry, "the method splitfed-v1 has one cut for all devices", "remove it; the cut is training.cut");
            return training.Whole("cut");
        }

        if (method is Method.FedAvg or Method.Centralized)
        {
            RejectCut(entry, $"the method {Vocabulary.NameOf(method.Value)} has no cuts", "remove it, or set training.method to edgesplit");
            return null;
        }

        if (method is Method.EdgeSplit && !entry.Has("cut"))
        {
            entry.Self.Faults.Add(
                entry.Self.Node,
                entry.Self.Path.Length > 0 ? entry.Self.Path + ".cut" : "cut",
                "this key is missing",
                "with the method edgesplit every device has its cut: blocks 1..cut run on it");
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
