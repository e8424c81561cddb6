using System.Security.Cryptography;
using EdgeSplit.Wire;
using Google.Protobuf;

namespace EdgeSplit.Server.Sessions;

/// <summary>A device from its joining to its leaving: what it said of itself, and its link, over one connection after another.</summary>
internal sealed class DeviceSession(Wire.Protocol.Hello hello, ResumableLink link, string address)
{
    private const int IdBytes = 16;

    /// <summary>Names the session to the device; not to be guessed, since it takes over the session's connection.</summary>
    public ByteString Id { get; } = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(IdBytes));

    public ResumableLink Link => link;

    /// <summary>Where it was last connected from.</summary>
    public string Address { get; set; } = address;

    /// <summary>Why its last connection was lost, and when, by the clock's timestamp; null while there is one.</summary>
    public (string Reason, long Timestamp)? Lost { get; set; }

    /// <summary>Processor, cores and engine, for people.</summary>
    public string Machine { get; } = hello.Machine;
}
