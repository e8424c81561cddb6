namespace EdgeSplit.Planning;

/// <summary>How large a problem may be, and its numbers: checked before memory is taken.</summary>
internal static class ProblemLimits
{
    /// <summary>Resources of a problem.</summary>
    public const int MostResources = 1000;

    /// <summary>Demands of a problem, resources × cuts of all devices: some 0.4 GB. A million devices have 25 cuts on two resources.</summary>
    public const long MostDemands = 50_000_000;

    /// <summary>Any smaller amount but 0 is none: its inverse, or that of its square root, is no number.</summary>
    public const double Least = 1e-150;

    public const double Greatest = 1e150;

    /// <summary>The range in words.</summary>
    public const string Range = "from 1e-150 to 1e150";

    /// <summary>The remedy for too many.</summary>
    public const string HowMany = "resources times cuts of all devices may be 50000000 at most";

    /// <summary>Whether it is 0 or in the range.</summary>
    public static bool IsInRange(double amount) => amount == 0 || amount is >= Least and <= Greatest;
}
