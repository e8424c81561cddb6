using Microsoft.AspNetCore.Connections;

namespace EdgeSplit.Server.Security;

/// <summary>A connection that has shown no token yet, in the order of coming among those of its address.</summary>
/// <param name="connection">The connection itself, below TLS.</param>
/// <param name="group">Where it comes from.</param>
/// <param name="since">When it came, as a timestamp of the gate's clock.</param>
internal sealed class Stranger(BaseConnectionContext connection, AddressGroup group, long since)
{
    public AddressGroup Group { get; } = group;

    public long Since { get; } = since;

    /// <summary>Ends the connection, now.</summary>
    public void TurnAway(string reason) => connection.Abort(new ConnectionAbortedException(reason));
}
