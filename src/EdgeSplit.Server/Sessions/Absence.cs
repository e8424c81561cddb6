using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Server.Sessions;

/// <summary>Why a device is not waited for.</summary>
/// <param name="Reason">What happened, for people.</param>
/// <param name="IsFinal">Whether its process has ended for good; else it was refused, and may come back with other data.</param>
internal sealed record Absence(string Reason, bool IsFinal)
{
    /// <summary>What ends the wait for its link.</summary>
    public Exception ToException() => IsFinal ? new DeviceGoneException(Reason) : new RefusedException(ErrorCode.Unsuitable, Reason);
}
