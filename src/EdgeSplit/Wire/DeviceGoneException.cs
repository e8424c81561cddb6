namespace EdgeSplit.Wire;

/// <summary>A device has ended and will not come back, as whoever started it knows: the cause of its link's end.</summary>
public sealed class DeviceGoneException(string message) : Exception(message);
