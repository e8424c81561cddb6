using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>The other end takes this one not in, or ended the session; the message is its reason.</summary>
public sealed class RefusedException(ErrorCode code, string reason, Exception? cause = null) : Exception(reason, cause)
{
    public ErrorCode Code => code;
}
