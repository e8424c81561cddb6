using System.Globalization;

namespace EdgeSplit;

/// <summary>Durations as people read them: seconds up to two minutes, beyond that the two largest units of days, hours, minutes and seconds.</summary>
public static class ReadableTime
{
    /// <summary>The most seconds that are still told in seconds.</summary>
    public const double LongestInSeconds = 120;
    private const double MostDays = 1e6;

    private static readonly (double Seconds, string Name)[] Units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];

    /// <summary><c>7.8 s</c>, <c>28 min 55 s</c>, <c>1 d 12 h</c>.</summary>
    /// <param name="seconds">At least 0, and finite.</param>
    /// <param name="format">The digits of up to two minutes.</param>
    public static string Of(double seconds, string format = "0.####")
    {
        if (seconds <= LongestInSeconds)
            return seconds.ToString(format, CultureInfo.InvariantCulture) + " s";
        if (seconds / Units[0].Seconds >= MostDays)
            return (seconds / Units[0].Seconds).ToString("0.##e+0", CultureInfo.InvariantCulture) + " d";
        int unit = 0;
        while (seconds < Units[unit].Seconds)
            unit++;
        // Rounded to the smaller unit first: 3599.6 s are an hour.
        double smaller = Units[unit + 1].Seconds;
        double rounded = Math.Round(seconds / smaller) * smaller;
        if (unit > 0 && rounded >= Units[unit - 1].Seconds)
            unit--;
        double whole = Math.Floor(rounded / Units[unit].Seconds);
        double rest = Math.Round((rounded - (whole * Units[unit].Seconds)) / Units[unit + 1].Seconds);
        return rest == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{whole:0} {Units[unit].Name}")
            : string.Create(CultureInfo.InvariantCulture, $"{whole:0} {Units[unit].Name} {rest:0} {Units[unit + 1].Name}");
    }
}
