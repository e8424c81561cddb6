namespace EdgeSplit.Wire;

/// <summary>What a device may use of a shared link in a round; in one pool for both directions, both are its share of it.</summary>
/// <param name="UplinkBitsPerSecond">Towards the server.</param>
/// <param name="DownlinkBitsPerSecond">From the server.</param>
public sealed record LinkShare(double UplinkBitsPerSecond, double DownlinkBitsPerSecond);
