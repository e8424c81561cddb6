namespace EdgeSplit.Planning.Optimization;

/// <summary>Numbers from 0 with the greatest of every block of them, so that a look at all of them reads few.</summary>
internal sealed class BlockMaxima(int count)
{
    /// <summary>As many as share a line of the processor's cache.</summary>
    private const int Size = 8;

    private readonly double[] values = new double[count];
    private readonly double[] maxima = new double[(count + Size - 1) / Size];

    public int Blocks => maxima.Length;

    public double this[int index]
    {
        get => values[index];
        set
        {
            ref double greatest = ref maxima[index / Size];
            double before = values[index];
            values[index] = value;
            if (value >= greatest)
            {
                greatest = value;
            }
            else if (before == greatest)
            {
                greatest = 0;
                for (int other = First(index / Size); other < End(index / Size); other++)
                    greatest = Math.Max(greatest, values[other]);
            }
        }
    }

    public double Greatest(int block) => maxima[block];

    public double Greatest()
    {
        double greatest = 0;
        foreach (double value in maxima)
            greatest = Math.Max(greatest, value);
        return greatest;
    }

    /// <summary>The first index of a block.</summary>
    public static int First(int block) => block * Size;

    /// <summary>The index after a block's last.</summary>
    public int End(int block) => Math.Min(values.Length, (block + 1) * Size);
}
