using System.Numerics;

namespace EdgeSplit.Compute;

/// <summary>Accuracy's counter: how many samples have their largest logit at their label.</summary>
public static class TopLabels
{
    /// <param name="logits">[samples, classes], row-major.</param>
    /// <param name="labels">The class of each sample.</param>
    /// <remarks>Of equal logits the first counts as the largest.</remarks>
    public static int Count<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> labels)
        where T : INumber<T>
    {
        if (labels.IsEmpty)
            return 0;
        int classes = logits.Length / labels.Length, correct = 0;
        for (int sample = 0; sample < labels.Length; sample++)
        {
            ReadOnlySpan<T> row = logits.Slice(sample * classes, classes);
            int top = 0;
            for (int index = 1; index < row.Length; index++)
            {
                if (row[index] > row[top])
                    top = index;
            }

            correct += top == labels[sample] ? 1 : 0;
        }

        return correct;
    }
}
