using System.Collections.Immutable;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Server.Security;

/// <summary>Tokens that no file ever holds: of devices that whoever runs the server starts himself. They end with the process.</summary>
/// <param name="clock">Stamps enrolments.</param>
public sealed class PassingTokens(TimeProvider clock) : ITokenSource
{
    private ImmutableList<EnrolledDevice> devices = [];

    /// <inheritdoc/>
    public object Version => devices;

    /// <inheritdoc/>
    public IReadOnlyList<EnrolledDevice> Read() => devices;

    /// <summary>Makes a token for a device that has none yet.</summary>
    public DeviceToken Enroll(string name)
    {
        DeviceToken token = DeviceToken.Create();
        ImmutableInterlocked.Update(ref devices, all => all.Add(new EnrolledDevice(name, token.Hash(), clock.GetUtcNow())));
        return token;
    }
}
