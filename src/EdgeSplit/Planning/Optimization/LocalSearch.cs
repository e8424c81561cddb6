namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// Changes one device's cut, or two devices' together, as long as that lowers what the pool's dearest prices charge. What no
/// price refuses is solved exactly, and where it fails its own prices join the pool.
/// </summary>
internal sealed class LocalSearch(Offers offers, PricePool pool, CutSearch search, PlanningTime time)
{
    private const int MostPrices = 80;
    private const double Rounding = 1e-12;

    public void Run(int[] start)
    {
        pool.Add(search.Try(start).Prices);
        while (search.IsOpen && pool.Count < MostPrices && !time.IsOver())
        {
            // Just above the best known, where that plan itself is still affordable despite rounding.
            MoveTable table = new(offers, pool, search.Choice, search.BestSeconds * (1 + Rounding));
            Descend(table);
            if (table.Score >= 1 - (10 * Rounding))
                return;
            pool.Add(search.Try(table.ToChoice()).Prices);
        }
    }

    private void Descend(MoveTable table)
    {
        while (!time.IsOver())
        {
            if (table.BestSingle() is { } single)
            {
                table.Apply(single);
            }
            else if (table.BestPair() is var (first, second))
            {
                table.Apply(first);
                table.Apply(second);
            }
            else
            {
                return;
            }
        }
    }
}
