using System.Net;

namespace EdgeSplit.Server.Security;

/// <summary>
/// Counts refused attempts per address and minute, in bounded memory. It bounds what a stranger costs, in answers and log lines, not what
/// he may guess: 256 bits are not guessed. So it never stands in the way of a token that is right, which may come from the same address.
/// </summary>
/// <param name="clock">Tells the minutes.</param>
public sealed class FailureLimit(TimeProvider clock)
{
    /// <summary>So many refusals a minute an address is answered in full.</summary>
    public const int PerMinute = 10;

    /// <summary>So many addresses are told apart; 40 bytes each.</summary>
    public const int Addresses = 4096;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<AddressGroup, int> counts = [];
    private long windowStart = clock.GetTimestamp();

    /// <summary>Notes a refusal.</summary>
    /// <returns>How many there were from this address in this minute, with this one.</returns>
    public int Note(IPAddress? address)
    {
        lock (gate)
        {
            if (clock.GetElapsedTime(windowStart) >= Window)
            {
                counts.Clear();
                windowStart = clock.GetTimestamp();
            }

            AddressGroup group = AddressGroup.Of(address);
            // Once there are too many to tell apart, strangers share what a single one may.
            if (counts.Count >= Addresses && !counts.ContainsKey(group))
                group = default;
            return counts[group] = counts.GetValueOrDefault(group) + 1;
        }
    }
}
