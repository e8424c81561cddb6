using System.Globalization;

namespace EdgeSplit.Reports.Charts;

/// <summary>Where the values of an axis lie, and at which round ones it is marked.</summary>
internal sealed class AxisScale
{
    private static readonly int[] RoundDigits = [1, 2, 5];

    private readonly double low;
    private readonly double high;
    private readonly bool isLogarithmic;

    private AxisScale(double low, double high, bool isLogarithmic, IReadOnlyList<double> ticks)
    {
        this.low = low;
        this.high = high;
        this.isLogarithmic = isLogarithmic;
        Ticks = ticks;
    }

    /// <summary>The values that are marked, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <param name="axis">What kind of axis.</param>
    /// <param name="values">What it must reach; not all may be there.</param>
    /// <param name="marks">About how many marks.</param>
    public static AxisScale Of(Axis axis, IEnumerable<double> values, int marks = 5)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        double least = finite.DefaultIfEmpty(0).Min(), most = finite.DefaultIfEmpty(1).Max();
        return axis.IsLogarithmic && least > 0 ? Logarithmic(least, most) : Linear(axis.StartsAtZero ? Math.Min(0, least) : least, most, marks);
    }

    /// <summary>Where a value lies: 0 at the axis's low end, 1 at its high one.</summary>
    public double At(double value) => isLogarithmic
        ? Math.Log10(value / low) / Math.Log10(high / low)
        : (value - low) / (high - low);

    /// <summary>The mark of a value, in as few digits as tell it.</summary>
    public static string Label(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + "G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("0.######", CultureInfo.InvariantCulture),
    };

    private static AxisScale Linear(double least, double most, int marks)
    {
        if (most <= least)
            most = least + (least == 0 ? 1 : Math.Abs(least));
        double rough = (most - least) / marks, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        long first = (long)Math.Floor((least / step) + 1e-9), last = (long)Math.Ceiling((most / step) - 1e-9);
        // As a quotient where the step is below one, so that a mark is the double nearest to what it says.
        double[] ticks = [.. Enumerable.Range(0, (int)(last - first) + 1)
            .Select(index => step >= 1 ? (first + index) * step : (first + index) / Math.Round(1 / step, 9))];
        return new AxisScale(first * step, last * step, isLogarithmic: false, ticks);
    }

    /// <summary>From one of 1, 2, 5 times a power of ten to another; marked at each of them where they are few, else at powers of ten.</summary>
    private static AxisScale Logarithmic(double least, double most)
    {
        const int Most = 8;
        int first = (int)Math.Floor(Math.Log10(least)), last = (int)Math.Ceiling(Math.Log10(most));
        (double Value, bool IsPower)[] round = [.. Enumerable.Range(first, last - first + 2)
            .SelectMany(power => RoundDigits.Select(digit => (Power(digit, power), digit == 1)))];
        int low = Array.FindLastIndex(round, mark => mark.Value <= least), high = Array.FindIndex(round, mark => mark.Value >= most);
        high = Math.Max(high, low + 1);
        double[] all = [.. round[low..(high + 1)].Select(mark => mark.Value)];
        double[] powers = [.. round[low..(high + 1)].Where(mark => mark.IsPower).Select(mark => mark.Value)];
        int every = Math.Max(1, (powers.Length + Most - 1) / Most);
        return new AxisScale(
            all[0], all[^1], isLogarithmic: true, all.Length <= Most ? all : [.. powers.Where((_, index) => index % every == 0)]);
    }

    /// <summary>As a quotient below one, so that it is the double nearest to what it says.</summary>
    private static double Power(int digit, int power) => power < 0 ? digit / Math.Pow(10, -power) : digit * Math.Pow(10, power);
}
