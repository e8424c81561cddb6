namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// The prices λ ≥ 0, Σ λ = 1, that may still cost more than a level: those that every supergradient u met so far allows, u·λ ≥ level.
/// They lie in an ellipsoid { c + B v : |v| ≤ 1 }, whose centre is what to try next.
/// </summary>
/// <remarks>
/// The ellipsoid method with deep and shallow cuts (Bland, Goldfarb and Todd 1981). A cut is made again wherever it takes more of
/// a later ellipsoid, which costs no evaluation of anything. B is kept in place of B Bᵀ, so that rounding cannot make it indefinite.
/// </remarks>
internal sealed class PriceRegion
{
    /// <summary>How far behind the centre a cut is still made, as a part of where it would no longer shrink the ellipsoid.</summary>
    private const double Shallowest = 0.5;
    private const int MostRepeats = 200;

    private readonly int dimensions;
    private readonly double[] centre;
    private readonly double[][] axes;
    private readonly double[] direction;
    private readonly List<(double[] Normal, double PartOfLevel)> cuts = [];

    /// <param name="prices">How many, at least 2.</param>
    public PriceRegion(int prices)
    {
        dimensions = prices - 1;
        centre = new double[prices];
        direction = new double[dimensions];
        axes = [.. Enumerable.Range(0, prices).Select(_ => new double[dimensions])];
        Array.Fill(centre, 1.0 / prices);
        CircumscribeSimplex();
        for (int price = 0; price < prices; price++)
        {
            double[] normal = new double[prices];
            normal[price] = 1;
            cuts.Add((normal, 0));
        }
    }

    /// <summary>The prices to try next; all are positive.</summary>
    public ReadOnlySpan<double> Centre => centre;

    /// <summary>How much greater than at the centre u·λ can be.</summary>
    public double Reach(ReadOnlySpan<double> use)
    {
        double squares = 0;
        for (int axis = 0; axis < dimensions; axis++)
        {
            double along = 0;
            for (int price = 0; price < centre.Length; price++)
                along += use[price] * axes[price][axis];
            direction[axis] = along;
            squares += along * along;
        }

        return Math.Sqrt(squares);
    }

    /// <summary>Leaves only prices that may cost more than the level; false if there are none.</summary>
    /// <param name="use">u at the centre, for this level's round time.</param>
    /// <param name="level">A cost reached; rises with every call at the same round time.</param>
    public bool Cut(ReadOnlySpan<double> use, double level)
    {
        cuts.Add((use.ToArray(), 1));
        for (int repeat = 0; repeat < MostRepeats; repeat++)
        {
            double deepest = double.NegativeInfinity;
            double[] normal = [];
            foreach ((double[] other, double part) in cuts)
            {
                double depth = ((part * level) - Dot(other, centre)) / Reach(other);
                if (depth > deepest)
                    (deepest, normal) = (depth, other);
            }

            if (deepest <= -Shallowest / dimensions)
                return true;
            if (!(deepest < 1))
                return false;
            Halve(normal, deepest);
        }

        return false;
    }

    /// <summary>The smallest ellipsoid around what a cut of a depth in [−1/n, 1) leaves.</summary>
    private void Halve(double[] normal, double depth)
    {
        double n = dimensions;
        double reach = Reach(normal);
        double along = n * (1 - depth) / (n + 1);
        double across = n > 1 ? n * Math.Sqrt((1 - (depth * depth)) / ((n * n) - 1)) : along;
        double step = (1 + (n * depth)) / (n + 1);
        for (int price = 0; price < centre.Length; price++)
        {
            double[] row = axes[price];
            double part = Dot(row, direction) / reach;
            centre[price] += step * part;
            for (int axis = 0; axis < dimensions; axis++)
                row[axis] = (across * row[axis]) + ((along - across) * part * direction[axis] / reach);
        }
    }

    /// <summary>A ball around the simplex, within its plane: columns are the orthonormal Helmert contrasts.</summary>
    private void CircumscribeSimplex()
    {
        double radius = Math.Sqrt(dimensions / (dimensions + 1.0));
        for (int axis = 0; axis < dimensions; axis++)
        {
            double norm = Math.Sqrt((axis + 1.0) * (axis + 2));
            for (int price = 0; price <= axis; price++)
                axes[price][axis] = radius / norm;
            axes[axis + 1][axis] = -radius * (axis + 1) / norm;
        }
    }

    private static double Dot(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        double sum = 0;
        for (int index = 0; index < one.Length; index++)
            sum += one[index] * other[index];
        return sum;
    }
}
