namespace EdgeSplit.Wire;

/// <summary>The other end sent what was not agreed; the message says what and what was expected.</summary>
public sealed class ProtocolException(string message) : Exception(message);
