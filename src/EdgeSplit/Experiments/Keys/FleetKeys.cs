using EdgeSplit.Planning.Costs;
using static EdgeSplit.Experiments.Keys.ValueKind;

namespace EdgeSplit.Experiments.Keys;

/// <summary>The keys of the devices, of what they share, and of who decides their cuts.</summary>
internal static class FleetKeys
{
    private const string ProfileExpected = "the path of a file";

    private static readonly string[] Classes = [.. DeviceClass.All.Select(known => known.Name)];

    private static readonly Section Bandwidth = new(
        new Key("total", new Amount(Quantity.Rate), "One pool for both directions, as on a radio channel."),
        new Key("uplink", new Amount(Quantity.Rate), "Towards the server, where each direction has a pool of its own.") { Example = "20 Mbps" },
        new Key("downlink", new Amount(Quantity.Rate), "From the server.") { Example = "50 Mbps" })
    {
        Shorthand = "total",
    };

    private static readonly Section Server = new(
        new Key("class", new Choice(Classes), $"What kind of machine it is, for estimated costs: {string.Join(", ", Classes)}."),
        new Key("profile", new Text(Expected: ProfileExpected), "Its measured costs, which 'edgesplit profile' writes, relative to this file."),
        new Key("lanes", new Whole(1, 1024), "Batches it computes at once.") { Default = 1L })
    {
        Shorthand = "class",
        Exclusive = ["class", "profile"],
    };

    private static readonly Section Device = new(
        new Key("name", new Text(), "Its name, unique in the fleet.") { Required = true },
        new Key("count", new Whole(1, ExperimentKeys.MaximumCount), "So many of this kind, called name-1, name-2, and so on.") { Default = 1L },
        new Key("cut", new Whole(1, 10_000), "Blocks 1..cut run on the device, the rest on the server; only with the method edgesplit, and needed there unless a plan decides."),
        new Key("class", new Choice(Classes), $"What kind of machine it is, for estimated costs: {string.Join(", ", Classes)}."),
        new Key("profile", new Text(Expected: ProfileExpected), "Its measured costs, which 'edgesplit profile' writes, relative to this file. Instead of class."),
        new Key("memory", new Amount(Quantity.Size), "What training may use of its memory.") { DefaultInWords = "no limit" },
        new Key("uplink", new Amount(Quantity.Rate), "Its own link towards the server.") { DefaultInWords = "no limit" },
        new Key("downlink", new Amount(Quantity.Rate), "Its own link from the server.") { DefaultInWords = "no limit" },
        new Key("latency", new Amount(Quantity.Time), "Of one message over its link.") { DefaultInWords = "none" })
    {
        Exclusive = ["class", "profile"],
    };

    public static Section Fleet { get; } = new(
        new Key("devices", new List(Device), "The devices, in order.") { Required = true },
        new Key("bandwidth", Bandwidth, "The link that all devices share: one rate for both directions together, or uplink and downlink.") { DefaultInWords = "none: nothing is known of times", Example = "20 Mbps" },
        new Key("server", Server, "The server, for its costs: a class, or a map of these keys.") { DefaultInWords = "the class server, estimated; 'edgesplit server' measures itself", Example = "server" });

    public static Section Plan { get; } = new(
        new Key("policy", new Text("^(edgesplit|optimal|uniform|equal-shares|full-local|fixed:[0-9]{1,5}|random:[0-9]{1,19})$", "edgesplit, optimal, uniform, equal-shares, fixed:CUT, full-local or random:SEED"), "How cuts and shares are decided: the alternating algorithm, the optimum, or a rival.") { Default = "edgesplit" },
        new Key("replanOver", new Number(0, 1000), "Plan again when a device's measured work drifts by more than this fraction from what the plan took it to be; 0 for never.") { Default = 0.25 },
        new Key("excludeInfeasible", new Flag(), "Train without the devices for which no cut is feasible, instead of not at all.") { Default = false },
        new Key("lendIdleShares", new Flag(), "What one device leaves idle of the link, the others use.") { Default = false },
        new Key("timeLimit", new Amount(Quantity.Time), "How long a plan may take: what is best by then is the plan, and it depends on the machine.") { DefaultInWords = "60 s", Example = "60 s" })
    {
        Shorthand = "policy",
    };
}
