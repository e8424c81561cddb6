using EdgeSplit.Compute;

namespace EdgeSplit.Training.Methods;

/// <summary>What a round does with its assignments: who trains from what, in which order, and what the next global model is made of.</summary>
internal interface IRoundMethod
{
    /// <summary>Carries an attempt at a round out.</summary>
    /// <returns>The next global model, the caller's to dispose; null where the updates that the round needs did not come.</returns>
    Task<Weights?> TrainAsync(RoundAttempt round);
}

/// <summary>The methods by name.</summary>
internal static class RoundMethods
{
    public static IRoundMethod Of(Method method) => method switch
    {
        Method.EdgeSplit or Method.SplitFedV1 or Method.FedAvg or Method.Centralized => new ModelAveraging(),
        Method.Split => new SplitLearning(),
        Method.SplitFedV2 => new SplitFedV2(),
        Method.Psl => new ParallelSplitLearning(),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
    };
}
