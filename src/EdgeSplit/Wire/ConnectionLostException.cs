namespace EdgeSplit.Wire;

/// <summary>A connection broke, or fell silent; its link lives on.</summary>
public sealed class ConnectionLostException(string message, Exception? cause = null) : Exception(message, cause);
