using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// When all devices end together that share one reserved resource, each with one offer: the T where D(T) = Σ q / (T − a) is 1, or
/// the earliest they can where that is later. Offers may be changed one by one.
/// </summary>
/// <remarks>
/// Newton's method on 1/D, which is concave in T: from above it lands below the root, from below it rises to it. Vectors of a
/// fixed width keep the order of sums, and so the result, the same on every processor.
/// </remarks>
internal sealed class CommonEnd
{
    private const int MostSteps = 200;

    /// <summary>The last step of a solution to the last digit: it leaves an error of its square.</summary>
    public const double FineStep = 1e-8;

    private readonly double[] fixedSeconds;
    private readonly double[] demand;
    private double use;
    private double slope;

    public CommonEnd(int devices)
    {
        int room = (devices + Vector256<double>.Count - 1) / Vector256<double>.Count * Vector256<double>.Count;
        fixedSeconds = new double[room];
        demand = new double[room];
    }

    /// <summary>Where all end together, as last solved, or any later time before that.</summary>
    public double Seconds { get; private set; } = double.PositiveInfinity;

    public double FixedSeconds(int device) => fixedSeconds[device];

    public double Demand(int device) => demand[device];

    /// <summary>Gives a device an offer; D at the present <see cref="Seconds"/> follows.</summary>
    /// <param name="device">The device.</param>
    /// <param name="seconds">a.</param>
    /// <param name="amount">q, as a fraction of the resource's units per second.</param>
    public void Set(int device, double seconds, double amount)
    {
        if (double.IsFinite(Seconds))
            Count(device, -1);
        // Without demand it is no part of D, at any T.
        fixedSeconds[device] = amount > 0 ? seconds : 0;
        demand[device] = amount;
        if (double.IsFinite(Seconds))
            Count(device, 1);
    }

    /// <summary>Solves for the present offers from some time at which they can all end.</summary>
    /// <param name="end">That time.</param>
    /// <param name="earliest">When the slowest device ends with all that it may use.</param>
    public void SolveFrom(double end, double earliest)
    {
        Seconds = end;
        Sum();
        Solve(earliest, FineStep);
    }

    /// <summary>Solves for the present offers from the last end, at which they can still all end.</summary>
    /// <param name="earliest">When the slowest device ends with all that it may use.</param>
    /// <param name="lastStep">The relative step after which D is not summed again; an error of its square is left.</param>
    public void Solve(double earliest, double lastStep)
    {
        double now = Seconds;
        for (int step = 0; step < MostSteps; step++)
        {
            double next = use > 0 ? Math.Max(earliest, now + (use * (use - 1) / slope)) : earliest;
            bool isDone = !(Math.Abs(next - now) > lastStep * now);
            if (isDone)
                use -= slope * (next - now);
            Seconds = now = next;
            if (isDone)
                return;
            Sum();
        }
    }

    /// <summary>Takes a device into D, or out of it.</summary>
    private void Count(int device, int sign)
    {
        if (demand[device] == 0)
            return;
        double slack = Seconds - fixedSeconds[device];
        double share = demand[device] / slack;
        use += sign * share;
        slope += sign * share / slack;
    }

    /// <summary>D and −dD/dT at the present time.</summary>
    private void Sum()
    {
        Vector256<double> end = Vector256.Create(Seconds);
        Vector256<double> total = Vector256<double>.Zero;
        Vector256<double> falling = Vector256<double>.Zero;
        ReadOnlySpan<Vector256<double>> starts = MemoryMarshal.Cast<double, Vector256<double>>(fixedSeconds);
        ReadOnlySpan<Vector256<double>> demands = MemoryMarshal.Cast<double, Vector256<double>>(demand);
        for (int four = 0; four < starts.Length; four++)
        {
            Vector256<double> inverse = Vector256<double>.One / (end - starts[four]);
            Vector256<double> share = demands[four] * inverse;
            total += share;
            falling += share * inverse;
        }

        use = Vector256.Sum(total);
        slope = Vector256.Sum(falling);
    }
}
