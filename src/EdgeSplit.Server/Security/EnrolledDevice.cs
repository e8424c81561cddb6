namespace EdgeSplit.Server.Security;

/// <summary>A device that may join.</summary>
/// <param name="Name">Its name; unique in a store.</param>
/// <param name="TokenHash">SHA-256 of its token.</param>
/// <param name="Enrolled">When it got that token.</param>
public sealed record EnrolledDevice(string Name, byte[] TokenHash, DateTimeOffset Enrolled);
