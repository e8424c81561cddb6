using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Cli.Commands;

/// <summary>The table of a plan's devices: cut, share, the seconds of each part of the round, slack.</summary>
internal static class PlanDevices
{
    /// <summary>Devices shown one by one; a larger fleet's are in the JSON.</summary>
    public const int MostRows = 50;

    public static void Write(PlanningInput input, Plan plan, TextWriter output)
    {
        TextTable table = input.Builder is { } builder ? PartByPart(plan, builder) : ByResource(plan);
        table.Write(output);
        if (plan.Problem.DeviceCount > MostRows)
            output.WriteLine($"... and {plan.Problem.DeviceCount - MostRows} more; --format json lists all.");
    }

    /// <summary>Where the cost model is known: every part of the round.</summary>
    private static TextTable PartByPart(Plan plan, ProblemBuilder builder)
    {
        bool isPool = builder.Downlink == ProblemBuilder.Uplink;
        TextTable table = new(
            ["device", "cut", "its work", .. isPool ? (string[])["share"] : ["up share", "down share"], "uplink", "server", "downlink", "latency", "ends", "slack"],
            textColumns: 2);
        for (int device = 0; device < Math.Min(MostRows, plan.Problem.DeviceCount); device++)
        {
            int cut = plan.Cut(device);
            RoundCost cost = builder.Round(device, cut);
            double up = plan.Share(device, ProblemBuilder.Uplink), down = plan.Share(device, builder.Downlink);
            table.Add([
                plan.Problem.DeviceName(device), $"{cut} {(cut == 0 ? "(raw data)" : builder.Network.Blocks[cut - 1].Name)}", Seconds(cost.DeviceSeconds),
                .. isPool ? (string[])[BitRate(up)] : [BitRate(up), BitRate(down)],
                Transfer(cost.UplinkBits, up), Seconds(cost.ServerSeconds), Transfer(cost.DownlinkBits, down), Seconds(cost.LatencySeconds),
                Seconds(plan.DeviceSeconds(device)), Slack(plan, device)]);
        }

        return table;
    }

    /// <summary>Of a problem in JSON: what it tells.</summary>
    private static TextTable ByResource(Plan plan)
    {
        Problem problem = plan.Problem;
        int[] reserved = [.. Enumerable.Range(0, problem.Resources.Length).Where(index => problem.Resources[index].Sharing == Sharing.Reserved)];
        TextTable table = new(
            ["device", "cut", "fixed", .. reserved.SelectMany(index => new[] { $"{problem.Resources[index].Name} share", "takes" }), "ends", "slack"],
            textColumns: 1);
        for (int device = 0; device < Math.Min(MostRows, problem.DeviceCount); device++)
        {
            int option = plan.Option(device);
            IEnumerable<string> parts = reserved.SelectMany(resource => new[]
            {
                UnitRate(plan.Share(device, resource)),
                Transfer(problem.Demand(option, resource), plan.Share(device, resource)),
            });
            table.Add([
                problem.DeviceName(device), plan.Cut(device).ToString(CultureInfo.InvariantCulture), Seconds(problem.FixedSeconds(option)),
                .. parts, Seconds(plan.DeviceSeconds(device)), Slack(plan, device)]);
        }

        return table;
    }

    private static string Seconds(double seconds) => PlanReport.Seconds(seconds);

    private static string Slack(Plan plan, int device) => Seconds(Math.Max(0, plan.RoundSeconds - plan.DeviceSeconds(device)));

    private static string Transfer(double amount, double share) => share > 0 ? Seconds(amount / share) : "-";

    private static string BitRate(double share) => share switch
    {
        >= 1e9 => (share / 1e9).ToString("0.###", CultureInfo.InvariantCulture) + " Gbps",
        >= 1e6 => (share / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " Mbps",
        _ => (share / 1e3).ToString("0.###", CultureInfo.InvariantCulture) + " kbps",
    };

    private static string UnitRate(double share) => share switch
    {
        >= 1e6 => (share / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " M/s",
        >= 1e3 => (share / 1e3).ToString("0.###", CultureInfo.InvariantCulture) + " k/s",
        _ => share.ToString("0.####", CultureInfo.InvariantCulture) + " /s",
    };
}
