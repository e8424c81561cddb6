using System.Security.Cryptography;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Server.Security;

/// <summary>
/// The store as a running server sees it: a device that is enrolled, renewed or revoked meanwhile is so from its next connection on.
/// A store that breaks meanwhile lets nobody in until it is repaired.
/// </summary>
/// <param name="store">The store.</param>
public sealed class TokenRegister(ITokenSource store)
{
    private readonly Lock gate = new();
    private object? seen;
    private IReadOnlyList<EnrolledDevice> devices = [];

    /// <summary>Every enrolled name.</summary>
    /// <exception cref="InvalidInputException">The store cannot be read.</exception>
    public IReadOnlyList<string> Names => [.. Current().Select(device => device.Name)];

    /// <summary>Whose token this is; null for nobody's. Takes as long for any token.</summary>
    /// <exception cref="InvalidInputException">The store cannot be read.</exception>
    public string? NameOf(DeviceToken token)
    {
        byte[] hash = token.Hash();
        string? name = null;
        foreach (EnrolledDevice device in Current())
        {
            if (CryptographicOperations.FixedTimeEquals(hash, device.TokenHash))
                name = device.Name;
        }

        return name;
    }

    private IReadOnlyList<EnrolledDevice> Current()
    {
        lock (gate)
        {
            object now = store.Version;
            if (!now.Equals(seen))
            {
                devices = store.Read();
                seen = now;
            }

            return devices;
        }
    }
}
