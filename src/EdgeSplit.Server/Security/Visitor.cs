using Microsoft.AspNetCore.Connections;

namespace EdgeSplit.Server.Security;

/// <summary>A connection as the gate sees it: a stranger, until it shows a device's token.</summary>
/// <param name="connection">The connection itself, below TLS.</param>
/// <param name="group">Where it comes from.</param>
/// <param name="since">When it came, as a timestamp of the gate's clock.</param>
internal sealed class Visitor(BaseConnectionContext connection, AddressGroup group, long since)
{
    public AddressGroup Group { get; } = group;

    public long Since { get; } = since;

    /// <summary>Whose token it has shown; null for a stranger.</summary>
    public string? Device { get; set; }

    /// <summary>Ends the connection, now.</summary>
    public void TurnAway(string reason) => connection.Abort(new ConnectionAbortedException(reason));
}
