namespace EdgeSplit.Reports.Charts;

/// <summary>
/// Colours that stay apart for people with any kind of colour vision and in grey print (Okabe &amp; Ito 2008, Color Universal Design).
/// </summary>
internal static class Palette
{
    public const string Ink = "#222222", Faint = "#d9d9d9", Paper = "#ffffff";

    public const string Compute = "#0072b2", Transfer = "#e69f00", TransferDown = "#f0e442", Server = "#009e73", Latency = "#cc79a7", Waiting = "#e6e6e6";

    private static readonly string[] Series = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222", "#8a8a00"];

    private static readonly string[] Dashes = ["", "7 3", "2 3", "9 3 2 3"];

    /// <summary>The colour of the n-th series, from 0.</summary>
    public static string ColourOf(int index) => Series[index % Series.Length];

    /// <summary>The dashes of the n-th line: with the colours, no two of the first thirty look alike.</summary>
    public static string DashesOf(int index) => Dashes[index % Dashes.Length];
}
