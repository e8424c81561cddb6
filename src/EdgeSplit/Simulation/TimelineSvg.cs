using System.Globalization;
using System.Security;
using System.Text;
using EdgeSplit.Planning;

namespace EdgeSplit.Simulation;

/// <summary>One round as a picture: a row a device, a bar a stage.</summary>
public static class TimelineSvg
{
    private const int MostRows = 200;
    private const int RowHeight = 22;
    private const int NameWidth = 140;
    private const int BarsWidth = 820;
    private const int HeaderHeight = 44;

    /// <summary>The SVG document; fleets of more than two hundred devices show their first.</summary>
    /// <param name="plan">What was simulated.</param>
    /// <param name="round">With its trace recorded.</param>
    public static string Draw(Plan plan, SimulatedRound round)
    {
        int rows = Math.Min(MostRows, plan.Problem.DeviceCount);
        double scale = round.RoundSeconds > 0 ? BarsWidth / round.RoundSeconds : 0;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{NameWidth + BarsWidth + 20}" height="{HeaderHeight + (rows * RowHeight) + 10}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            <text x="10" y="18">Plan by {SecurityElement.Escape(plan.Policy)}: one round, {ReadableTime.Of(round.RoundSeconds)} (bound {ReadableTime.Of(plan.LowerBoundSeconds)})</text>
            <text x="10" y="36" fill="#4477aa">compute</text><text x="75" y="36" fill="#cc8800">transfer</text><text x="140" y="36" fill="#228833">server</text>

            """);
        for (int device = 0; device < rows; device++)
        {
            int y = HeaderHeight + (device * RowHeight);
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="10" y="{y + 15}">{SecurityElement.Escape(plan.Problem.DeviceName(device))} (cut {plan.Cut(device)})</text>
                <rect x="{NameWidth}" y="{y + 3}" width="{BarsWidth}" height="{RowHeight - 6}" fill="#f0f0f0"/>

                """);
        }

        foreach (TraceEntry entry in round.Trace.Where(entry => entry.Device < rows))
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <rect x="{NameWidth + (entry.Start * scale):0.##}" y="{HeaderHeight + (entry.Device * RowHeight) + 3}" width="{(entry.End - entry.Start) * scale:0.##}" height="{RowHeight - 6}" fill="{Colour(entry.Kind)}"><title>{SecurityElement.Escape(entry.Stage)} {entry.Start:0.####}-{entry.End:0.####} s</title></rect>

                """);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Colour(StageKind kind) => kind switch
    {
        StageKind.Device => "#4477aa",
        StageKind.Transfer => "#cc8800",
        _ => "#228833",
    };
}
