using System.Globalization;

namespace EdgeSplit.Planning.Costs;

/// <summary>
/// Amounts as people write them: a number, one space or none, and a unit that must be there (<c>20 Mbps</c>, <c>512 MiB</c>,
/// <c>5 ms</c>). Decimal prefixes are powers of 1000, binary ones of 1024; case counts, because Mb and MB differ.
/// </summary>
public static class Quantity
{
    private static readonly Dictionary<string, double> Rates = new(StringComparer.Ordinal)
    {
        ["bps"] = 1,
        ["bit/s"] = 1,
        ["kbps"] = 1e3,
        ["kbit/s"] = 1e3,
        ["Mbps"] = 1e6,
        ["Mbit/s"] = 1e6,
        ["Gbps"] = 1e9,
        ["Gbit/s"] = 1e9,
        ["kB/s"] = 8e3,
        ["MB/s"] = 8e6,
        ["GB/s"] = 8e9,
    };

    private static readonly Dictionary<string, double> Sizes = new(StringComparer.Ordinal)
    {
        ["B"] = 1,
        ["kB"] = 1e3,
        ["MB"] = 1e6,
        ["GB"] = 1e9,
        ["KiB"] = 1024,
        ["MiB"] = 1048576,
        ["GiB"] = 1073741824,
    };

    private static readonly Dictionary<string, double> Times = new(StringComparer.Ordinal)
    {
        ["us"] = 1e-6,
        ["ms"] = 1e-3,
        ["s"] = 1,
        ["min"] = 60,
    };

    /// <summary>Bits per second, above 0.</summary>
    public static bool TryParseBitsPerSecond(string? text, out double bitsPerSecond) => TryParse(text, Rates, out bitsPerSecond) && bitsPerSecond > 0;

    /// <summary>Bytes, from 0.</summary>
    public static bool TryParseBytes(string? text, out double bytes) => TryParse(text, Sizes, out bytes);

    /// <summary>Seconds, from 0.</summary>
    public static bool TryParseSeconds(string? text, out double seconds) => TryParse(text, Times, out seconds);

    /// <summary>The units a rate may have, for error messages.</summary>
    public static string RateUnits => string.Join(", ", Rates.Keys);

    /// <summary>The units a size may have.</summary>
    public static string SizeUnits => string.Join(", ", Sizes.Keys);

    /// <summary>The units a time may have.</summary>
    public static string TimeUnits => string.Join(", ", Times.Keys);

    private static bool TryParse(string? text, Dictionary<string, double> units, out double value)
    {
        value = 0;
        if (text is null)
            return false;
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        string unit = end < text.Length && text[end] == ' ' ? text[(end + 1)..] : text[end..];
        if (!units.TryGetValue(unit, out double scale)
            || !double.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
        {
            return false;
        }

        value = number * scale;
        return double.IsFinite(value);
    }
}
