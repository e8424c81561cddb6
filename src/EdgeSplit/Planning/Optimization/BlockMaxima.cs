namespace EdgeSplit.Planning.Optimization;

/// <summary>The number that counts of an item.</summary>
internal interface IMagnitude<TItem>
{
    /// <returns>At least 0.</returns>
    static abstract double Of(in TItem item);
}

/// <summary>The greatest number in every block of an array's items, all 0 at first, so that a look at all of them reads few.</summary>
/// <param name="items">Changed by its owner, who tells of it.</param>
/// <typeparam name="TItem">What the array holds.</typeparam>
/// <typeparam name="TMagnitude">Which of its numbers.</typeparam>
internal sealed class BlockMaxima<TItem, TMagnitude>(TItem[] items)
    where TMagnitude : struct, IMagnitude<TItem>
{
    /// <summary>As many doubles as share a line of the processor's cache.</summary>
    public const int Size = 8;

    private readonly double[] maxima = new double[(items.Length + Size - 1) / Size];
    private readonly int[] above = new int[((items.Length + Size - 1) / Size) + 1];

    /// <summary>The blocks that hold a number above <paramref name="limit"/>, ascending; until the next call.</summary>
    public ReadOnlySpan<int> Above(double limit)
    {
        int count = 0;
        for (int block = 0; block < maxima.Length; block++)
        {
            above[count] = block;
            count += limit < maxima[block] ? 1 : 0;
        }

        return above.AsSpan(0, count);
    }

    public double Greatest()
    {
        double greatest = 0;
        foreach (double value in maxima)
            greatest = Math.Max(greatest, value);
        return greatest;
    }

    /// <summary>An item was changed.</summary>
    /// <param name="index">Which.</param>
    /// <param name="before">Its number before.</param>
    public void Changed(int index, double before)
    {
        ref double greatest = ref maxima[index / Size];
        double now = TMagnitude.Of(in items[index]);
        if (now >= greatest)
        {
            greatest = now;
        }
        else if (before == greatest)
        {
            greatest = 0;
            for (int other = First(index / Size); other < End(index / Size); other++)
                greatest = Math.Max(greatest, TMagnitude.Of(in items[other]));
        }
    }

    /// <summary>The first index of a block.</summary>
    public static int First(int block) => block * Size;

    /// <summary>The index after a block's last.</summary>
    public int End(int block) => Math.Min(items.Length, (block + 1) * Size);
}
