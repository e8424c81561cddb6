namespace EdgeSplit.Training;

/// <summary>A round cannot have the updates it needs, however often it is tried; the rounds before are not affected.</summary>
public sealed class RoundFailedException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The learning rate at which training diverged: every update that came held NaN or infinity. Null where something else went wrong.</summary>
    public double? DivergedAt { get; init; }
}
