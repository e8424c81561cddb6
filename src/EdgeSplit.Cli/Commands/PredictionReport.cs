using System.Globalization;
using EdgeSplit.Numerics;

namespace EdgeSplit.Cli.Commands;

/// <summary>Logits as the classes they speak for.</summary>
internal static class PredictionReport
{
    /// <summary>So many samples are told one by one.</summary>
    private const int MostSamples = 20;

    private const int MostClasses = 20;

    /// <param name="output">Where to.</param>
    /// <param name="logits">float32 [samples, classes].</param>
    /// <param name="names">The classes' names; null for their numbers.</param>
    public static void Write(TextWriter output, HostTensor logits, IReadOnlyList<string>? names)
    {
        int classes = logits.Shape[1];
        int[] counts = new int[classes];
        TextTable table = new(["sample", "class"], textColumns: 2);
        for (int sample = 0; sample < logits.Shape[0]; sample++)
        {
            int top = Top(logits.As<float>().Slice(sample * classes, classes));
            counts[top]++;
            if (sample < MostSamples)
                table.Add(sample.ToString(CultureInfo.InvariantCulture), NameOf(top));
        }

        table.Write(output);
        if (logits.Shape[0] <= MostSamples)
            return;
        output.WriteLine($"... and {logits.Shape[0] - MostSamples} more. In all:");
        TextTable sums = new(["class", "samples"], textColumns: 1);
        foreach ((int number, int count) in counts.Index().Where(entry => entry.Item > 0).OrderByDescending(entry => entry.Item).Take(MostClasses))
            sums.Add(NameOf(number), count.ToString(CultureInfo.InvariantCulture));
        sums.Write(output);

        string NameOf(int number) => names?[number] ?? number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The first of the largest, as accuracy counts it.</summary>
    private static int Top(ReadOnlySpan<float> row)
    {
        int top = 0;
        for (int index = 1; index < row.Length; index++)
        {
            if (row[index] > row[top])
                top = index;
        }

        return top;
    }
}
