namespace EdgeSplit.Wire;

/// <summary>What was measured of a link.</summary>
/// <param name="UplinkBitsPerSecond">From the device.</param>
/// <param name="DownlinkBitsPerSecond">To the device.</param>
/// <param name="LatencySeconds">Of a small message, one way: half a ping's way and back.</param>
public sealed record LinkMeasurement(double UplinkBitsPerSecond, double DownlinkBitsPerSecond, double LatencySeconds);
