using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace EdgeSplit.Server.Security;

/// <summary>Addresses one peer can have at will count as one: an IPv4 address, or the first 64 bits of an IPv6 address.</summary>
internal readonly record struct AddressGroup(ulong High, ulong Low)
{
    /// <summary>The group of an address; all that have none are one.</summary>
    public static AddressGroup Of(IPAddress? address)
    {
        if (address is null)
            return default;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        ulong first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        // The second half tells the families apart: an IPv4 address fills only a half of the first.
        return address.AddressFamily == AddressFamily.InterNetwork ? new AddressGroup(first, 4) : new AddressGroup(first, 6);
    }
}
