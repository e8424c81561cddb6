using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeSplit.Wire.Security;

/// <summary>
/// What a device shows to be let in: 256 random bits, printed as <c>edgesplit_</c> and 43 characters of base64url, so that people
/// and secret scanners know one when they see it. Its text comes out of <see cref="Reveal"/> only.
/// </summary>
public sealed class DeviceToken
{
    public const string Prefix = "edgesplit_";

    private const int SecretBytes = 32;

    /// <summary>43: 256 bits at 6 a character.</summary>
    private const int SecretCharacters = ((SecretBytes * 8) + 5) / 6;

    private readonly string text;

    private DeviceToken(string text) => this.text = text;

    /// <summary>A new one, from the system's cryptographic generator.</summary>
    public static DeviceToken Create() => new(Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>The token a text is; null if it has not the form of one.</summary>
    public static DeviceToken? Parse(ReadOnlySpan<char> text) =>
        text.Length == Prefix.Length + SecretCharacters
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Base64Url.IsValid(text[Prefix.Length..], out int decoded) && decoded == SecretBytes
            ? new DeviceToken(text.ToString())
            : null;

    /// <summary>SHA-256 of the text: all that a server keeps. 256 random bits need no slow hash.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(text));

    /// <summary>The text itself: for the device's file and its requests, for nothing that is logged.</summary>
    public string Reveal() => text;

    /// <summary>The prefix alone.</summary>
    public override string ToString() => Prefix + "...";
}
