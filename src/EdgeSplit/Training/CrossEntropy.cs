namespace EdgeSplit.Training;

/// <summary>The loss of logits already computed; training's own loss, with its gradient, is the engine's.</summary>
public static class CrossEntropy
{
    /// <summary>The sum over samples of −log softmax(logits)[label], and how many have their largest logit at the label.</summary>
    /// <param name="logits">[samples, classes], row-major.</param>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="classes">Logits per sample.</param>
    public static (double Loss, int Correct) Sum(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        double loss = 0;
        int correct = 0;
        for (int sample = 0; sample < labels.Length; sample++)
        {
            ReadOnlySpan<float> row = logits.Slice(sample * classes, classes);
            int largest = 0;
            for (int index = 1; index < classes; index++)
                largest = row[index] > row[largest] ? index : largest;
            double sum = 0;
            foreach (float logit in row)
                sum += Math.Exp(logit - row[largest]);
            loss += row[largest] + Math.Log(sum) - row[labels[sample]];
            correct += largest == labels[sample] ? 1 : 0;
        }

        return (loss, correct);
    }
}
