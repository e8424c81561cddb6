using System.Globalization;

namespace EdgeSplit.Cli;

/// <summary>Counts as people read them: three or four digits and a decimal (SI) prefix.</summary>
internal static class HumanUnits
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary><c>11.2 M</c>, for numbers of things.</summary>
    public static string Count(long count) => Scale(count, "");

    /// <summary><c>1.63 MB</c>; 1 kB is 1000 bytes.</summary>
    public static string Bytes(long bytes) => Scale(bytes, "B");

    /// <summary><c>3.64 GFLOP</c>.</summary>
    public static string Flops(long flops) => Scale(flops, "FLOP");

    private static string Scale(long value, string unit)
    {
        double scaled = value;
        int prefix = 0;
        // 999.95 would print as 1000.
        while (scaled >= 999.5 && prefix < Prefixes.Length - 1)
        {
            scaled /= 1000;
            prefix++;
        }

        string digits = scaled.ToString(prefix == 0 || scaled >= 100 ? "0" : scaled >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
        return $"{digits} {Prefixes[prefix]}{unit}".TrimEnd();
    }
}
