namespace EdgeSplit.Planning;

/// <summary>How devices use a resource together.</summary>
public enum Sharing
{
    /// <summary>Each device has a static share of its own; together they stay within the capacity.</summary>
    Reserved,

    /// <summary>No shares: whoever has work uses it, so all that is known of a round of T seconds is that its work is at
    /// most capacity · T.</summary>
    WorkConserving,
}

/// <summary>What devices share: a link in bits per second, a server in seconds of work per second.</summary>
/// <param name="Name">Unique in the problem.</param>
/// <param name="Capacity">Units of demand per second, all devices together; positive.</param>
/// <param name="Sharing">By static shares or without.</param>
public sealed record Resource(string Name, double Capacity, Sharing Sharing = Sharing.Reserved);
