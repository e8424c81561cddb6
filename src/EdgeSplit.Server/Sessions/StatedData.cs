namespace EdgeSplit.Server.Sessions;

/// <summary>What a device says of its training samples.</summary>
/// <param name="Count">How many there are; 0 of a device that was never there.</param>
/// <param name="Digest">By which they are known again, in hexadecimal; null where it gives none.</param>
public readonly record struct StatedData(long Count, string? Digest)
{
    /// <summary>Whether these are others; digests count only where both are known.</summary>
    public bool DifferFrom(StatedData others) =>
        Count != others.Count || (Digest is not null && others.Digest is not null && Digest != others.Digest);
}
