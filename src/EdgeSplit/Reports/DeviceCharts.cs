using System.Globalization;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Reports.Charts;
using EdgeSplit.Simulation;
using EdgeSplit.Simulation.Methods;

namespace EdgeSplit.Reports;

/// <summary>Charts of a method's round, device by device; of a large fleet they show some devices, drawn evenly.</summary>
internal static class DeviceCharts
{
    private const int MostRows = 16;

    private static readonly BarPart[] Parts =
    [
        new("device computes", Palette.Compute), new("uplink", Palette.Transfer), new("server computes", Palette.Server),
        new("downlink", Palette.TransferDown), new("latency", Palette.Latency), new("waiting", Palette.Waiting),
    ];

    /// <summary>In the order of <see cref="StageKind"/>.</summary>
    private static readonly BarPart[] Kinds = [new("device computes", Palette.Compute), new("transfer", Palette.Transfer), new("server computes", Palette.Server)];

    public static BarChart Breakdown(string method, IReadOnlyList<DeviceTime> devices) => new(
        $"breakdown-{method}", $"Where a round goes: {method}",
        $"One round, simulated, part by part{Some(devices.Count)}. What a device waits for: the server's queue, other devices, the end of the round.",
        "device", new Axis("time of a round (s)"), Parts,
        [.. Drawn(devices).Select(device => new Bar(device.Device,
            [device.ComputeSeconds, device.UplinkSeconds, device.ServerSeconds, device.DownlinkSeconds, device.LatencySeconds, device.WaitingSeconds]))]);

    public static TimelineChart Timeline(string method, IReadOnlyList<TimelineRow> rows, int devices) => new(
        $"timeline-{method}", $"One round: {method}", $"The first round as simulated{Some(devices)}; each moment shows what the device does most.",
        new Axis("time from the round's start (s)"), Kinds,
        [.. rows.Select(row => new TimeRow(row.Device, [.. row.Bars.Select(bar => ((int)bar.Kind, bar.Start, bar.End))]))]);

    /// <summary>Null where no device has a share of its own.</summary>
    public static BarChart? CutsAndShares(string method, IReadOnlyList<DeviceTime> devices) =>
        devices.All(device => device.UplinkShare is null) ? null : CutsAndShares(
            $"cuts-{method}", $"Cut and share of each device: {method}", Some(devices.Count), Drawn(devices).Select(device => (device.Device, device.Cut, device.UplinkShare ?? 0)));

    /// <param name="name">The chart's.</param>
    /// <param name="title">The chart's.</param>
    /// <param name="some">Says which devices are shown.</param>
    /// <param name="devices">Name, cut, and share of the link in bits per second.</param>
    public static BarChart CutsAndShares(string name, string title, string some, IEnumerable<(string Device, int Cut, double Share)> devices) => new(
        name, title,
        $"The share of the link towards the server, or of the pool where both directions have one{some}. Beside each bar: the cut, which is the number of blocks that run on the device.",
        "device", new Axis("share of the link (Mbit/s)"), [new BarPart("share", Palette.Transfer)],
        [.. devices.Select(device => new Bar(device.Device, [device.Share / 1e6], string.Create(CultureInfo.InvariantCulture, $"cut {device.Cut}")))]);

    public static BarChart Classes(DealtClasses dealt) => new(
        "classes", "Training samples of each class on each device", $"As the partition deals them with the first seed{Some(dealt.Devices.Count)}.", "device",
        new Axis("training samples (count)"), [.. dealt.Classes.Select((name, index) => new BarPart(name, ClassColour(index, dealt.Classes.Count)))],
        [.. Drawn(dealt.Devices).Select(device => new Bar(device.Device, [.. device.Samples.Select(count => (double)count)]))]);

    public static string Some(int devices) => devices <= MostRows ? "" : string.Create(CultureInfo.InvariantCulture, $", for {MostRows} of the {devices} devices");

    public static IEnumerable<T> Drawn<T>(IReadOnlyList<T> devices)
    {
        int rows = Math.Min(MostRows, devices.Count);
        return Enumerable.Range(0, rows).Select(row => devices[(int)((long)row * devices.Count / rows)]);
    }

    /// <summary>Classes round the colour circle, light and dark in turns. In hexadecimal: what turns SVG into PDF knows no <c>hsl()</c>.</summary>
    private static string ClassColour(int index, int count)
    {
        double light = index % 2 == 0 ? 0.42 : 0.68, reach = 0.65 * Math.Min(light, 1 - light);
        int Channel(int offset)
        {
            double sector = (offset + (12.0 * index / count)) % 12;
            return (int)Math.Round(255 * (light - (reach * Math.Clamp(Math.Min(sector - 3, 9 - sector), -1, 1))));
        }

        return $"#{Channel(0):x2}{Channel(8):x2}{Channel(4):x2}";
    }
}
