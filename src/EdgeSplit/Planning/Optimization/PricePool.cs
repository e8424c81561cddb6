namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// Price vectors kept to judge many cut vectors quickly: whatever costs more than 1 at any of them, at round time T, cannot end
/// within T.
/// </summary>
internal sealed class PricePool
{
    private static readonly double[] Steps = [1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3];

    private readonly List<double[]> prices = [];

    /// <param name="centre">The bound's prices.</param>
    public PricePool(double[] centre)
    {
        prices.Add(centre);
        // Neighbours of many prices are too many to judge by; what fails teaches its own.
        if (centre.Length > PriceSearch.MostInRegion)
            return;
        for (int resource = 0; resource < centre.Length; resource++)
        {
            foreach (double step in Steps)
            {
                Add(Towards(centre, resource, step));
                Add(Towards(centre, resource, -step * centre[resource]));
            }

            Add(Towards(centre, resource, 1));
        }
    }

    public int Count => prices.Count;

    public double[] this[int index] => prices[index];

    public void Add(double[] price)
    {
        if (price.All(value => value >= 0))
            prices.Add(price);
    }

    /// <summary>A grid over two prices, or over three.</summary>
    public void AddGrid()
    {
        int resources = prices[0].Length;
        const int Lines = 12;
        for (int first = 1; first < Lines; first++)
        {
            if (resources == 2)
                Add([(double)first / Lines, 1 - ((double)first / Lines)]);
            for (int second = 1; resources == 3 && first + second < Lines; second++)
                Add([(double)first / Lines, (double)second / Lines, (double)(Lines - first - second) / Lines]);
        }
    }

    private static double[] Towards(double[] centre, int resource, double step)
    {
        double[] moved = new double[centre.Length];
        for (int other = 0; other < moved.Length; other++)
            moved[other] = centre[other] * (1 - step);
        moved[resource] += step;
        return moved;
    }
}
