using System.Globalization;

namespace EdgeSplit.Reports;

/// <summary>Figures as people read them, in the invariant culture; a dash for what there is not.</summary>
public static class Figures
{
    private const string None = "–";

    /// <summary><c>0.8731 ± 0.0042</c>, without the deviation where there is one seed.</summary>
    public static string Accuracy(double? accuracy, double deviation, int seeds) => accuracy is not { } value
        ? None
        : seeds > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{value:0.0000} ± {deviation:0.0000}")
            : value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>Three or four digits up to two minutes, then as <see cref="ReadableTime"/> has it.</summary>
    public static string Seconds(double? seconds) => seconds switch
    {
        null => None,
        { } value when !double.IsFinite(value) => None,
        > ReadableTime.LongestInSeconds and { } value => ReadableTime.Of(value),
        >= 0.1 and { } value => Digits(value) + " s",
        { } value => Digits(1000 * value) + " ms",
    };

    /// <summary>In bytes with a decimal prefix.</summary>
    public static string Bytes(double? bytes) => bytes switch
    {
        null => None,
        >= 1e9 and { } value => Digits(value / 1e9) + " GB",
        >= 1e6 and { } value => Digits(value / 1e6) + " MB",
        >= 1e3 and { } value => Digits(value / 1e3) + " kB",
        { } value => Digits(value) + " B",
    };

    /// <summary><c>2.41x</c>.</summary>
    public static string Times(double? times) => times is { } value && double.IsFinite(value)
        ? value.ToString("0.00", CultureInfo.InvariantCulture) + "x"
        : None;

    private static string Digits(double value) =>
        value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
