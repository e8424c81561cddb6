namespace EdgeSplit.Training;

/// <summary>A device has no update for the round; the others have nothing to do with it.</summary>
/// <param name="reason">In which way.</param>
/// <param name="message">What happened, for people.</param>
/// <param name="cause">Where another error is behind it.</param>
internal sealed class DeviceFailedException(LeftOutReason reason, string message, Exception? cause = null) : Exception(message, cause)
{
    public LeftOutReason Reason => reason;
}
