using System.Globalization;

namespace EdgeSplit.Reports.Charts;

/// <summary>Where the values of an axis lie, and at which round ones it is marked.</summary>
internal sealed class AxisScale
{
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

    private static AxisScale Logarithmic(double least, double most)
    {
        int first = (int)Math.Floor(Math.Log10(least)), last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(most)));
        int every = Math.Max(1, (last - first + 5) / 6);
        return new AxisScale(
            Math.Pow(10, first), Math.Pow(10, last), isLogarithmic: true,
            [.. Enumerable.Range(first, last - first + 1).Where(power => (power - first) % every == 0).Select(power => Math.Pow(10, power))]);
    }
}
