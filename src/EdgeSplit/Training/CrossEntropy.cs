namespace EdgeSplit.Training;

/// <summary>The loss of logits already computed; training's own loss, with its gradient, is the engine's.</summary>
public static class CrossEntropy
{
    /// <summary>The sum over samples of −log softmax(logits)[label].</summary>
    /// <param name="logits">[samples, classes], row-major.</param>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="classes">Logits per sample.</param>
    public static double Sum(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        double loss = 0;
        for (int sample = 0; sample < labels.Length; sample++)
        {
            ReadOnlySpan<float> row = logits.Slice(sample * classes, classes);
            float largest = float.NegativeInfinity;
            foreach (float logit in row)
                largest = Math.Max(largest, logit);
            // Taken relative to the largest, no exponential overflows.
            double sum = 0;
            foreach (float logit in row)
                sum += Math.Exp(logit - largest);
            loss += largest + Math.Log(sum) - row[labels[sample]];
        }

        return loss;
    }
}
