using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Tests.Wire;

/// <summary>docs/protocol.md, where a client in another language begins, shows frames as they are.</summary>
public class ProtocolDocumentTests
{
    [Fact]
    public void Its_examples_are_what_goes_over_the_wire()
    {
        string[] lines = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "protocol.md"))
            .Where(line => line.Length > 11 && line[2] == ' ' && line.StartsWith(line[..2] + " 00 00 00", StringComparison.Ordinal))];
        FrameHeader[] frames = [new() { Ping = new Ping { Id = 7 } }, FirstStep()];
        Assert.Equal(frames.Select(HexOf), lines.Select(line => line.Replace(" ", "", StringComparison.Ordinal)));
    }

    private static FrameHeader FirstStep()
    {
        RoundRules rules = new(LinkEnd.Device, TinyNetwork.Network, TensorEncoding.Float32);
        rules.Begin(1);
        Message.StepUp up = new(3, 0, TinyNetwork.SmashedOf(TinyNetwork.Cut, 2, 1), [0, 1]);
        FrameHeader header = MessageFormat.Write(up, sequence: 1, rules, TensorEncoding.Float32).Header;
        up.Discard();
        return header;
    }

    private static string HexOf(FrameHeader header)
    {
        byte[] bytes = header.ToByteArray();
        return Convert.ToHexStringLower([.. BitConverter.GetBytes(bytes.Length), .. bytes]);
    }
}
