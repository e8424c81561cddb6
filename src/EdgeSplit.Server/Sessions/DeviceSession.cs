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

    /// <summary>Whether the device has said that its data are what the contract says: before that it takes part in nothing.</summary>
    public bool IsReady { get; set; }

    /// <summary>Its training samples.</summary>
    public StatedData Samples { get; } = new((long)hello.Samples, hello.DataDigest.IsEmpty ? null : Convert.ToHexStringLower(hello.DataDigest.Span));

    /// <summary>Where it was last connected from.</summary>
    public string Address { get; set; } = address;

    /// <summary>Why its last connection was lost, and when, by the clock's timestamp; null while there is one.</summary>
    public (string Reason, long Timestamp)? Lost { get; set; }

    /// <summary>Processor, cores and engine, for people.</summary>
    public string Machine { get; } = hello.Machine;

    /// <summary>What decides the bits of what it computes; empty where it does not say.</summary>
    public string Numerics { get; } = hello.Numerics;
}
