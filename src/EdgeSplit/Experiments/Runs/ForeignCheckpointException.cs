namespace EdgeSplit.Experiments.Runs;

/// <summary>A checkpoint is sound, but another run's: whoever goes on with it would train something else.</summary>
internal sealed class ForeignCheckpointException(string message) : Exception(message);
